use lambda_native::{json_context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    count: u32,
}

#[json_context(u32)]
struct Json;

#[lambda_handler(json = Json)]
async fn checkout(order: Order) -> u32 {
    order.count
}
