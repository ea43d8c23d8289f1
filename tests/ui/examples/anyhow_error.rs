//! Fails with an `anyhow::Error` that has a context.

// event: "x"
// error: {"errorType":"Error","errorMessage":"the count is not a number","stackTrace":["invalid digit found in string"]}

use anyhow::Context as _;
use lambda_native::lambda_handler;

#[lambda_handler]
async fn parse(count: &str) -> anyhow::Result<u32> {
    count.parse().context("the count is not a number")
}
