use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{id}")]
async fn order() -> String {
    String::new()
}
