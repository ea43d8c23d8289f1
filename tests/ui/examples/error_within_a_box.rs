//! Fails with a `lambda_native::Error` in a box.

// event: "ink"
// error: {"errorType":"UnknownItem","errorMessage":"no such item","stackTrace":[]}

use lambda_native::{Error, lambda_handler};

#[lambda_handler]
async fn item(item: String) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    if item == "tea" {
        return Ok(item);
    }
    Err(Error::new("UnknownItem", "no such item"))?
}
