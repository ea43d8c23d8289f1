use lambda_native::lambda_handler;

#[lambda_handler(named)]
async fn create(order: String) -> String {
    order
}

async fn list() -> Vec<String> {
    Vec::new()
}

lambda_native::main!(create, list);
