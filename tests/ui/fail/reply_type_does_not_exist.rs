use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(order: String) -> Receipt {
    order.into()
}
