use lambda_native::http::{Request, Response};
use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{id}", wrap = auth)]
async fn get_order(id: u64) -> String {
    id.to_string()
}

async fn auth(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> bool {
    next(request).await.status() == 200
}
