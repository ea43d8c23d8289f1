use lambda_native::http::{Request, Response};
use lambda_native::lambda_handler;

#[lambda_handler(http, wrap = auth)]
async fn hello() -> String {
    "hello".to_owned()
}

async fn auth(
    request: Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    next(&request).await
}
