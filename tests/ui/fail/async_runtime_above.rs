use lambda_native::lambda_handler;

#[tokio::main(flavor = "current_thread")]
#[lambda_handler]
async fn handler(event: String) -> String {
    event
}
