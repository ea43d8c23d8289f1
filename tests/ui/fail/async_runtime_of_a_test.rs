use lambda_native::lambda_handler;

#[lambda_handler(named)]
#[tokio::test]
async fn handler() {}

lambda_native::main!(handler);
