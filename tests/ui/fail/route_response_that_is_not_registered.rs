use lambda_native::http::Json;
use lambda_native::{json_context, lambda_handler};
use serde::Serialize;

#[derive(Serialize)]
struct Order {
    item: String,
}

#[json_context(u32)]
struct Context;

#[lambda_handler(get = "/orders", json = Context)]
async fn order() -> Option<Json<Order>> {
    Some(Json(Order { item: "tea".to_owned() }))
}
