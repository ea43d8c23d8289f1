//! Reads JSON of any shape.

// event: {"a":{"b":[1,2]}}
// reply: 2

use lambda_native::lambda_handler;
use serde_json::Value;

#[lambda_handler]
async fn pick(event: Value) -> Value {
    event.pointer("/a/b/1").cloned().unwrap_or_default()
}
