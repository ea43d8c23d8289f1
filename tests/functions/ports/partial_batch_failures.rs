//! The example `advanced-sqs-partial-batch-failures` of aws-lambda-rust-runtime.

use lambda_native::events::sqs::Message;
use lambda_native::{Error, lambda_handler, logging};
use serde::Deserialize;

/// Object that is sent to the queue.
#[derive(Deserialize)]
struct Data<'a> {
    text: &'a str,
}

/// Handles one message.
#[lambda_handler(sqs, concurrency = 10, init = logging::init)]
async fn handle(message: Message<'_, Data<'_>>) -> Result<(), Error> {
    let text = message.body.text;
    tracing::info!(text, "processing data");
    // Simulates an error.
    if text == "bad request" {
        return Err(Error::new("ProcessingError", "processing error"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    #[test]
    fn a_bad_request_fails() {
        assert!(block_on(handle(Message::new(Data { text: "good" }))).is_ok());
        assert!(block_on(handle(Message::new(Data { text: "bad request" }))).is_err());
    }
}
