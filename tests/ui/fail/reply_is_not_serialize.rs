use lambda_native::lambda_handler;

struct Receipt;

#[lambda_handler]
async fn checkout(_: String) -> Receipt {
    Receipt
}
