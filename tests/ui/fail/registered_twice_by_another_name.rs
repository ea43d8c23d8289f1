use lambda_native::json_context;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    count: u32,
}

type Basket = Order;

#[json_context(Order, Basket)]
struct Json;

fn main() {}
