use lambda_native::http::Request;
use lambda_native::lambda_handler;

#[lambda_handler(http)]
async fn hello(request: Request<) -> String {
    request.path().to_owned()
}
