//! A plain function that the workflow invokes.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        Ok::<_, lambda_runtime::Error>(json!({ "item": event.payload, "cents": 250 }))
    }))
    .await
}
