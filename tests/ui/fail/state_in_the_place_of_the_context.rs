use lambda_native::lambda_handler;

struct Database;

fn connect() -> Database {
    Database
}

#[lambda_handler(init = connect)]
async fn checkout(order: String, _: &Database) -> String {
    order
}
