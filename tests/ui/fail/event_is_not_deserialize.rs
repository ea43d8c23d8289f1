use lambda_native::lambda_handler;

struct Order {
    count: u32,
}

#[lambda_handler]
async fn checkout(order: Order) -> u32 {
    order.count
}
