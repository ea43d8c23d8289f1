use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(request: Request<'_>) -> Json<String> {
    Json(request.path().to_owned())
}
