use lambda_native::lambda_handler;

#[lambda_handler(post = "/orders")]
async fn order(#[body] one: String, #[body] other: String) -> String {
    one + &other
}
