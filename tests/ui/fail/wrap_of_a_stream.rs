use lambda_native::http::{Request, Response};
use lambda_native::lambda_handler;

#[lambda_handler(http, stream, wrap = auth)]
async fn page(reply: &mut lambda_native::Reply) -> std::io::Result<()> {
    reply.stream("text/plain").write(b"page").await
}

async fn auth(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    next(request).await
}
