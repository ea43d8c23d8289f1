use lambda_native::{json_context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order {
    count: u32,
}

#[json_context(u32)]
struct Json;

#[lambda_handler]
async fn checkout(count: u32) -> Result<String, lambda_native::json::Error> {
    Json::to_string(&Order { count })
}
