use lambda_native::{json_context, lambda_handler};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    count: u32,
}

#[json_context(u32, Order)]
struct Json;

#[lambda_handler(json = Json)]
async fn checkout(order: Order) -> u32 {
    order.count
}
