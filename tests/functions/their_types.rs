//! Takes the types of the crate `aws_lambda_events`, as records of batches and as whole events.

use aws_lambda_events::{dynamodb, eventbridge, kinesis, sns, sqs};
use lambda_native::lambda_handler;

#[lambda_handler(named, sqs)]
async fn message(message: sqs::SqsMessage) -> Result<(), String> {
    match message.body.as_deref() {
        Some("fail") => Err("as told".to_owned()),
        body => {
            println!("{:?} {body:?}", message.message_id);
            Ok(())
        }
    }
}

#[lambda_handler(named, kinesis)]
async fn click(record: kinesis::KinesisEventRecord) {
    println!("{:?} {:?}", record.kinesis.sequence_number, record.kinesis.data.0);
}

#[lambda_handler(named, dynamodb)]
async fn change(record: dynamodb::EventRecord) {
    println!("{} {:?}", record.event_name, record.change.sequence_number);
}

/// The whole batch, and the whole response.
#[lambda_handler(named)]
async fn batch(event: sqs::SqsEvent) -> sqs::SqsBatchResponse {
    println!("{}", event.records.len());
    sqs::SqsBatchResponse::default()
}

#[lambda_handler(named, sns = "OrderTopic")]
async fn notify(event: sns::SnsEvent) {
    println!("{:?}", event.records.first().map(|record| &record.sns.message));
}

#[lambda_handler(named, eventbridge = "com.example.shop")]
async fn happen(event: eventbridge::EventBridgeEvent) {
    println!("{:?}", event.detail_type);
}

lambda_native::main!(message, click, change, batch, notify, happen);
