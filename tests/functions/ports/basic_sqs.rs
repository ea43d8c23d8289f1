//! The example `basic-sqs` of aws-lambda-rust-runtime.

use lambda_native::events::sqs::Message;
use lambda_native::{lambda_handler, logging};
use serde::Deserialize;

/// Object that is sent to the queue.
#[derive(Deserialize)]
struct Data<'a> {
    id: &'a str,
    text: &'a str,
}

#[lambda_handler(sqs, init = logging::init)]
async fn receive(message: Message<'_, Data<'_>>) {
    let Data { id, text } = message.body;
    tracing::info!(id, text, "data received from SQS");
}
