use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{id}", wrap = auth)]
async fn get_order(id: u64) -> String {
    id.to_string()
}
