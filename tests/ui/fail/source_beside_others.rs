use lambda_native::lambda_handler;

#[lambda_handler(named, sqs, kinesis)]
async fn ship(record: String) {
    drop(record);
}

#[lambda_handler(named, sqs, get = "/orders")]
async fn list() -> String {
    String::new()
}

#[lambda_handler(named, http, s3 = "Uploads")]
async fn upload() -> String {
    String::new()
}

#[lambda_handler(named, sns, stream)]
async fn announce(reply: &mut lambda_native::Reply) {
    drop(reply);
}

#[lambda_handler(named, sqs, sqs = "Orders")]
async fn twice(record: String) {
    drop(record);
}

lambda_native::main!(ship, list, upload, announce, twice);
