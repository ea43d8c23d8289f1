use lambda_native::lambda_handler;

mod dynamodb {
    #[derive(serde::Deserialize)]
    pub struct Event;
}

#[derive(serde::Deserialize)]
struct SqsEvent;

#[lambda_handler(named, sqs)]
async fn ship(event: SqsEvent) -> Result<(), String> {
    drop(event);
    Ok(())
}

#[lambda_handler(named, kinesis)]
async fn count(events: Vec<String>) {
    drop(events);
}

#[lambda_handler(named, dynamodb)]
async fn audit(event: dynamodb::Event) {
    drop(event);
}

lambda_native::main!(ship, count, audit);
