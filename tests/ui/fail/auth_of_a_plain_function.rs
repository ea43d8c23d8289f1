use lambda_native::http::{Allow, NoContent};
use lambda_native::{lambda_handler, main};

async fn check() -> Allow {
    Allow::new("ada")
}

#[lambda_handler(named, get = "/orders", auth = check)]
async fn orders() -> NoContent {
    NoContent
}

main!(orders);
