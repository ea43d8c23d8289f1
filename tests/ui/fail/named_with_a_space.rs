use lambda_native::lambda_handler;

#[lambda_handler(named = "list users")]
async fn list() {}

lambda_native::main!(list);
