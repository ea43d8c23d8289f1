use lambda_native::http::Request;
use lambda_native::lambda_handler;

#[lambda_handler]
async fn checkout(request: Request<'_>) -> String {
    request.path().to_owned()
}
