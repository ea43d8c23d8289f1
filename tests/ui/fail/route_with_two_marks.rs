use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn orders(#[query] #[header] page: u32) -> String {
    page.to_string()
}
