use lambda_native::lambda_handler;

#[lambda_handler(http named)]
async fn checkout() -> String {
    String::new()
}
