use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/")]
async fn orders() -> String {
    String::new()
}
