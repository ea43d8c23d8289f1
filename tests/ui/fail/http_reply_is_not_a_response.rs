use lambda_native::http::Request;
use lambda_native::lambda_handler;

struct Receipt;

#[lambda_handler(http)]
async fn checkout(_: Request<'_>) -> Receipt {
    Receipt
}
