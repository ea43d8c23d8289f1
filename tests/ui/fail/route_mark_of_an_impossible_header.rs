use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn orders(#[header("x tag")] tag: String) -> String {
    tag
}
