use lambda_native::lambda_handler;

#[lambda_handler(get = "/files/*path")]
async fn file(path: String) -> String {
    path
}
