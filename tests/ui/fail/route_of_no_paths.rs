use lambda_native::lambda_handler;

#[lambda_handler(get = [])]
async fn order() -> String {
    String::new()
}
