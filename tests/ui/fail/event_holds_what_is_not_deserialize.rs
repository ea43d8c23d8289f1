use lambda_native::lambda_handler;

struct Order {
    count: u32,
}

#[lambda_handler]
async fn checkout(orders: Vec<Order>) -> u32 {
    orders.iter().map(|order| order.count).sum()
}
