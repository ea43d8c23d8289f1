use lambda_native::lambda_handler;

#[lambda_handler(get = "/one", get = "/other")]
async fn order() -> String {
    String::new()
}
