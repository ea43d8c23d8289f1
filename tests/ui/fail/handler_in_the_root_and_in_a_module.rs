use lambda_native::lambda_handler;

mod orders {
    use lambda_native::lambda_handler;

    #[lambda_handler]
    async fn list() -> Vec<String> {
        Vec::new()
    }
}

#[lambda_handler]
async fn create(order: String) -> String {
    order
}
