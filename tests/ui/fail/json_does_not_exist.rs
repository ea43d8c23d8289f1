use lambda_native::lambda_handler;

#[lambda_handler(json = Jsn)]
async fn checkout(order: String) -> String {
    order
}
