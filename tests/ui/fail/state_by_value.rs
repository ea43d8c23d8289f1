use lambda_native::{Context, lambda_handler};

struct Database;

fn connect() -> Database {
    Database
}

#[lambda_handler(init = connect)]
async fn checkout(order: String, _: &Context, _: Database) -> String {
    order
}
