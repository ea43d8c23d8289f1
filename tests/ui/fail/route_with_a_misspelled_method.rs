use lambda_native::lambda_handler;

#[lambda_handler(pots = "/orders")]
async fn order() -> String {
    String::new()
}
