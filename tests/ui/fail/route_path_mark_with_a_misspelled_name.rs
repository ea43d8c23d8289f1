use lambda_native::lambda_handler;

#[lambda_handler(get = "/customers/{customer}/orders/{order-id}")]
async fn order(customer: u64, #[path("order_id")] order: u64) -> String {
    format!("{customer} {order}")
}
