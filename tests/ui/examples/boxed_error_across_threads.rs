//! Fails with a boxed error that is `Send` and `Sync`.

// event: "x"
// error: {"errorType":"Error","errorMessage":"invalid digit found in string","stackTrace":[]}

use std::error::Error;

use lambda_native::lambda_handler;

#[lambda_handler]
async fn parse(count: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(count.parse()?)
}
