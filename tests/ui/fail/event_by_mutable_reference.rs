use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(order: &mut String) -> usize {
    order.len()
}
