use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders?page=1")]
async fn orders() -> String {
    String::new()
}
