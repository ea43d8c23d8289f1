use lambda_native::lambda_handler;

#[lambda_handler]
async fn main(order: String) -> String {
    order
}
