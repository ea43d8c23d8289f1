use lambda_native::lambda_handler;

#[lambda_handler("http")]
async fn hello() -> String {
    String::new()
}
