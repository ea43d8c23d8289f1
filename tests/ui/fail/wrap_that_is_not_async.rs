use lambda_native::http::{Request, Response};
use lambda_native::lambda_handler;

#[lambda_handler(get = "/orders/{id}", wrap = auth)]
async fn get_order(id: u64) -> String {
    id.to_string()
}

fn auth(_: &Request<'_>, _: impl AsyncFnOnce(&Request<'_>) -> Response) -> Response {
    Response::new(401)
}
