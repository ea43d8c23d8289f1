use lambda_native::{Context, lambda_handler};

#[lambda_handler(named, get = "/orders/{id}", after = flush)]
async fn get_order(id: u64) -> String {
    id.to_string()
}

async fn flush(_: &Context) {}

lambda_native::main!(get_order);
