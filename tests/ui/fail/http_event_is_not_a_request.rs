use lambda_native::lambda_handler;

use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    count: u32,
}

#[lambda_handler(http)]
async fn checkout(order: Order) -> String {
    order.count.to_string()
}
