use lambda_native::lambda_handler;

use serde::Serialize;

#[derive(Serialize)]
struct Receipt {
    price: u32,
}

async fn price_of(_: &str) -> u32 {
    3
}

#[lambda_handler]
async fn checkout(item: &str) -> Receipt {
    Receipt { price: price_of(item) }
}
