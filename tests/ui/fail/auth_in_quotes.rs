use lambda_native::lambda_handler;

#[lambda_handler(named, get = "/orders", auth = "check")]
async fn orders() -> &'static str {
    "[]"
}

lambda_native::main!(orders);
