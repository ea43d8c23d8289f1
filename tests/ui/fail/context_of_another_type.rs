use lambda_native::lambda_handler;

struct Database;

#[lambda_handler]
async fn checkout(order: String, _: &Database) -> String {
    order
}
