use lambda_native::{Context, lambda_handler};

#[lambda_handler]
async fn handler(event: String, #[cfg(unix)] _: &Context) -> String {
    event
}
