use lambda_native::lambda_handler;

#[lambda_handler(named, sqs = "order-queue")]
async fn ship(record: String) {
    drop(record);
}

#[lambda_handler(named, schedule = "every day")]
async fn clean_up() {}

#[lambda_handler(named, eventbridge = "")]
async fn audit() {}

#[lambda_handler(named, kinesis = ClickStream)]
async fn count(record: String) {
    drop(record);
}

#[lambda_handler(named, kinesys)]
async fn misspelled(record: String) {
    drop(record);
}

lambda_native::main!(ship, clean_up, audit, count, misspelled);
