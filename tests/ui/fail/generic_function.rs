use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout<T: serde::Serialize>(order: T) -> T {
    order
}
