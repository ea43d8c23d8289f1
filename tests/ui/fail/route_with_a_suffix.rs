use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{id}.json")]
async fn order(id: u64) -> String {
    id.to_string()
}
