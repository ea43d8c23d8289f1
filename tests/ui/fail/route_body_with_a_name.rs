use lambda_native::lambda_handler;

#[lambda_handler(post = "/orders")]
async fn orders(#[body("order")] order: String) -> String {
    order
}
