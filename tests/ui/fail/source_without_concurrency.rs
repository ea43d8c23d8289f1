use lambda_native::lambda_handler;

#[lambda_handler(named, kinesis, concurrency = 10)]
async fn count(record: String) {
    drop(record);
}

#[lambda_handler(named, concurrency = 10)]
async fn ship(event: String) {
    drop(event);
}

#[lambda_handler(named, sqs, concurrency = 0)]
async fn none(record: String) {
    drop(record);
}

lambda_native::main!(count, ship, none);
