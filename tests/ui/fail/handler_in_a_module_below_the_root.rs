use lambda_native::lambda_handler;

#[lambda_handler]
async fn create(order: String) -> String {
    order
}

mod orders {
    use lambda_native::lambda_handler;

    #[lambda_handler]
    async fn list() -> Vec<String> {
        Vec::new()
    }
}
