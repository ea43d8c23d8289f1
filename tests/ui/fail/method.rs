use lambda_native::lambda_handler;

struct Shop;

impl Shop {
    #[lambda_handler]
    async fn checkout(&self, order: String) -> String {
        order
    }
}
