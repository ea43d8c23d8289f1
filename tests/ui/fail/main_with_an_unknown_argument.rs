use lambda_native::lambda_handler;

#[lambda_handler(named)]
async fn double(number: u32) -> u32 {
    number * 2
}

lambda_native::main!(double, state = connect);
