use lambda_native::lambda_handler;

#[lambda_handler(any = "$default")]
async fn all() -> String {
    String::new()
}
