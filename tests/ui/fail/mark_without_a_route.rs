use lambda_native::lambda_handler;

#[lambda_handler()]
async fn orders(#[query] page: u32) -> String {
    page.to_string()
}
