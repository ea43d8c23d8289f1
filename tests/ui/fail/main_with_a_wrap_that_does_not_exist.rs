use lambda_native::lambda_handler;

#[lambda_handler(named, get = "/orders/{id}")]
async fn get_order(id: u64) -> String {
    id.to_string()
}

lambda_native::main!(get_order, wrap = auth);
