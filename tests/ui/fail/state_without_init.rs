use lambda_native::{Context, lambda_handler};

struct Database;

#[lambda_handler]
async fn checkout(order: String, _: &Context, _: &Database) -> String {
    order
}
