use lambda_native::http::{Request, Response};
use lambda_native::lambda_handler;

#[lambda_handler(named, get = "/orders/{id}")]
async fn get_order(id: u64) -> String {
    id.to_string()
}

#[lambda_handler(named, http)]
async fn other() -> String {
    "other".to_owned()
}

async fn auth(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    next(request).await
}

lambda_native::main!(get_order, other, wrap = auth);
