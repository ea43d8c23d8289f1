use lambda_native::http::Request;
use lambda_native::lambda_handler;

struct Refused;

#[lambda_handler(http)]
async fn checkout(_: Request<'_>) -> Result<String, Refused> {
    Err(Refused)
}
