use lambda_native::lambda_handler;

#[lambda_handler]
#[tokio::main]
async fn handler(event: String) -> String {
    event
}
