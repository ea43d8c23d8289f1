use lambda_native::{json_context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    count: u32,
}

#[json_context(u32)]
struct Json;

#[lambda_handler]
async fn checkout(order: String) -> Result<u32, lambda_native::json::Error> {
    Ok(Json::from_str::<Order>(&order)?.count)
}
