use lambda_native::lambda_handler;

#[lambda_handler(get = ["/customers/{customer}/orders/{id}", "/customers/{customer}"])]
async fn order(customer: u64, #[path("number")] number: u64) -> String {
    format!("{customer} {number}")
}
