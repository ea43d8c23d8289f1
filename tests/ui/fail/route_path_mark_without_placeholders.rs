use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn order(#[path] id: u64) -> String {
    id.to_string()
}
