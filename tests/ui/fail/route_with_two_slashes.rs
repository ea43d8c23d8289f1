use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders//all")]
async fn orders() -> String {
    String::new()
}
