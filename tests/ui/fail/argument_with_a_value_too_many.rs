use lambda_native::lambda_handler;

#[lambda_handler(http = true)]
async fn checkout() -> String {
    String::new()
}
