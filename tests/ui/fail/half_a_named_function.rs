use lambda_native::lambda_handler;

#[lambda_handler(named)]
async fn create(order: , count: u32) -> String {
    String::new()
}

lambda_native::main!(create);
