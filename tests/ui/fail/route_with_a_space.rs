use lambda_native::lambda_handler;

#[lambda_handler(get = "/all orders")]
async fn orders() -> String {
    String::new()
}
