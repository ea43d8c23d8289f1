//! Fails with an `eyre::Report` that has a context.

// event: "x"
// error: {"errorType":"Error","errorMessage":"the count is not a number","stackTrace":["invalid digit found in string"]}

use eyre::WrapErr as _;
use lambda_native::lambda_handler;

#[lambda_handler]
async fn parse(count: &str) -> eyre::Result<u32> {
    count.parse().wrap_err("the count is not a number")
}
