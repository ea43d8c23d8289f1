use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders", auth = check)]
async fn orders() -> &'static str {
    "[]"
}
