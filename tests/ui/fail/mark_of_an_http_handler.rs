use lambda_native::lambda_handler;

#[lambda_handler(http)]
async fn orders(#[body] page: String) -> String {
    page
}
