use lambda_native::{json_context, lambda_handler};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    item: String,
}

#[json_context(u32)]
struct Context;

#[lambda_handler(post = "/orders", json = Context)]
async fn place(#[body] order: Order) -> String {
    order.item
}
