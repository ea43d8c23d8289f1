use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(order: impl ToString) -> String {
    order.to_string()
}
