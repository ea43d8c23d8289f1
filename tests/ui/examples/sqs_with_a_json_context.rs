//! The body of a message is a type of a JSON context.

// event: {"Records":[{"messageId":"m-1","receiptHandle":"r-1","body":"{\"item\":\"tea\"}","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:Orders"}]}
// reply: {"batchItemFailures":[]}

use lambda_native::events::sqs::Message;
use lambda_native::{json_context, lambda_handler};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order<'a> {
    item: &'a str,
}

#[json_context(Order<'_>)]
struct Json;

#[lambda_handler(sqs, json = Json)]
async fn ship(message: Message<'_, Order<'_>>) {
    assert_eq!(message.body.item, "tea");
}
