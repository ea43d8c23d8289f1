use lambda_native::lambda_handler;

struct Order;

#[lambda_handler(get = "/orders/{id}")]
async fn order(id: u64) -> Option<Order> {
    (id == 7).then_some(Order)
}
