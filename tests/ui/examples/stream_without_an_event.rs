//! Streams a response without reading the event, and breaks off.

// event: null
// streams: 4\r\ntick\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Error\r\nLambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJFcnJvciIsImVycm9yTWVzc2FnZSI6InRoZSBjbG9jayBzdG9wcGVkIiwic3RhY2tUcmFjZSI6W119\r\n\r\n

use lambda_native::{Reply, lambda_handler};

#[lambda_handler(stream)]
async fn tick(reply: &mut Reply) -> Result<(), String> {
    let mut ticks = reply.stream("text/plain");
    ticks.write(b"tick").await.map_err(|error| error.to_string())?;
    Err("the clock stopped".to_owned())
}
