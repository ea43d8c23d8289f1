use lambda_native::lambda_handler;

#[lambda_handler(htpp)]
async fn checkout(order: String) -> String {
    order
}
