use lambda_native::{Context, lambda_handler};

struct Database;
struct Cache;

async fn connect() -> Cache {
    Cache
}

#[lambda_handler(init = connect)]
async fn checkout(order: String, _: &Context, _: &Database) -> String {
    order
}
