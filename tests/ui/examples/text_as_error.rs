//! Fails with a `String`.

// event: "x"
// error: {"errorType":"Error","errorMessage":"`x` is not a number","stackTrace":[]}

use lambda_native::lambda_handler;

#[lambda_handler]
async fn parse(count: &str) -> Result<u32, String> {
    count.parse().map_err(|_| format!("`{count}` is not a number"))
}
