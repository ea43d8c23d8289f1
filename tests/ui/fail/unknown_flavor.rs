use lambda_native::lambda_handler;

#[lambda_handler(flavor = "multithread")]
async fn checkout(order: String) -> String {
    order
}
