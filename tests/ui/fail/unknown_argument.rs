use lambda_native::lambda_handler;

#[lambda_handler(timeout = 3)]
async fn checkout(order: String) -> String {
    order
}
