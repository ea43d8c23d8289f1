//! Takes its parameters apart with patterns.

// event: [{"x":1,"y":2},3]
// reply: 6

use lambda_native::{Context, lambda_handler};
use serde::Deserialize;

#[derive(Deserialize)]
struct Point {
    x: i64,
    y: i64,
}

#[lambda_handler]
async fn sum((Point { x, y }, mut z): (Point, i64), _: &Context) -> i64 {
    z += x + y;
    z
}
