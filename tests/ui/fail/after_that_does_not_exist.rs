use lambda_native::lambda_handler;

#[lambda_handler(after = flush)]
async fn double(number: u64) -> u64 {
    number * 2
}
