use lambda_native::{json_context, lambda_handler};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    count: u32,
}

#[json_context(u32, Order)]
struct Json;

#[lambda_handler(json = Json)]
async fn order(count: u32) -> Order {
    Order { count }
}
