use lambda_native::json_context;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    count: u32,
}

#[json_context(Order, u32, Order)]
struct Json;

fn main() {}
