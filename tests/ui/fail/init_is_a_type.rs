use lambda_native::lambda_handler;

#[derive(Default)]
struct Database;

#[lambda_handler(init = Database)]
async fn checkout(item: String, _: &Database) -> String {
    item
}
