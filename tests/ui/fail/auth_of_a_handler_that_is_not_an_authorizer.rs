use lambda_native::http::NoContent;
use lambda_native::{lambda_handler, main};

#[lambda_handler(named, get = "/check")]
async fn check() -> NoContent {
    NoContent
}

#[lambda_handler(named, get = "/orders", auth = check)]
async fn orders() -> NoContent {
    NoContent
}

main!(check, orders);
