use lambda_native::lambda_handler;

async fn price_of(_: &str) -> u32 {
    3
}

#[lambda_handler]
async fn checkout(item: &str) -> u32 {
    price_of(item)
}
