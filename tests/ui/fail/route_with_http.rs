use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders", http)]
async fn orders() -> String {
    String::new()
}
