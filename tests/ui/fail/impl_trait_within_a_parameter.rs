use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(orders: Vec<impl ToString>) -> usize {
    orders.len()
}
