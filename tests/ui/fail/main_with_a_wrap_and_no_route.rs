use lambda_native::http::{Request, Response};
use lambda_native::lambda_handler;

#[lambda_handler(named)]
async fn double(number: u64) -> u64 {
    number * 2
}

async fn auth(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    next(request).await
}

lambda_native::main!(double, wrap = auth);
