use lambda_native::lambda_handler;

#[lambda_handler(post = "/orders")]
async fn orders(#[body] items: Vec<&str>) -> String {
    items.concat()
}
