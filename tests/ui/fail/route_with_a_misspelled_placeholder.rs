use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{order_id}")]
async fn order(order_ip: u64) -> String {
    order_ip.to_string()
}
