use lambda_native::http::Json;
use lambda_native::lambda_handler;

#[lambda_handler]
async fn ping() -> Json<&'static str> {
    Json("pong")
}
