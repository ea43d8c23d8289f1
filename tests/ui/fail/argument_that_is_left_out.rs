use lambda_native::lambda_handler;

#[lambda_handler(init = , http)]
async fn checkout() -> String {
    String::new()
}
