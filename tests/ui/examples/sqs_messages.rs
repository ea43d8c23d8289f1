//! Takes the messages of a queue one by one; those that fail are listed.

// event: {"Records":[{"messageId":"m-1","receiptHandle":"r-1","body":"{\"item\":\"tea\",\"note\":\"a \\\"b\\\"\"}","attributes":{"ApproximateReceiveCount":"2","SentTimestamp":"1"},"messageAttributes":{"k":{"dataType":"String","stringValue":"v"}},"eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:Orders"},{"messageId":"m-2","receiptHandle":"r-2","body":"{}","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:Orders"},{"messageId":"m-3","receiptHandle":"r-3","body":"{\"item\":\"ink\",\"note\":\"\"}","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:Orders"}]}
// reply: {"batchItemFailures":[{"itemIdentifier":"m-2"},{"itemIdentifier":"m-3"}]}

use lambda_native::events::sqs::Message;
use lambda_native::{Context, lambda_handler};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order<'a> {
    item: &'a str,
    note: String,
}

#[lambda_handler(sqs = "OrderQueue")]
async fn ship(message: Message<'_, Order<'_>>, _: &Context) -> Result<(), String> {
    match message.body.item {
        "tea" if message.attributes.approximate_receive_count == 2 => Ok(()),
        item => Err(format!("no {item}: {}", message.body.note)),
    }
}
