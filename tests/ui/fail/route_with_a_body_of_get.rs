use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn orders(#[body] text: String) -> String {
    text
}
