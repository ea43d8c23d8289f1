use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders")]
async fn orders(#[qurey] page: u32) -> String {
    page.to_string()
}
