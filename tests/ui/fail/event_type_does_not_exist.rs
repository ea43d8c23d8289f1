use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(order: Order) -> u32 {
    order.count
}
