use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{id")]
async fn order(id: u64) -> String {
    id.to_string()
}
