use lambda_native::lambda_handler;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    count: u32,
}

struct Json;

#[lambda_handler(json = Json)]
async fn checkout(order: Order) -> Order {
    order
}
