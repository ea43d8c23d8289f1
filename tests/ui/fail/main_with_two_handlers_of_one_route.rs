use lambda_native::lambda_handler;

#[lambda_handler(named, get = "/orders/{id}")]
async fn order(id: u64) -> String {
    id.to_string()
}

#[lambda_handler(named, get = "/orders/{name}")]
async fn other(name: String) -> String {
    name
}

lambda_native::main!(order, other);
