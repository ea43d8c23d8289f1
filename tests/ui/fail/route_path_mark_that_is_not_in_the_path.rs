use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{id}")]
async fn order(#[path("order")] id: u64) -> String {
    id.to_string()
}
