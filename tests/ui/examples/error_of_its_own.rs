//! Fails with an error type of its own, which has a cause.

// event: "x"
// error: {"errorType":"OrderError","errorMessage":"the count is not a number","stackTrace":["invalid digit found in string"]}

use std::fmt;
use std::num::ParseIntError;

use lambda_native::lambda_handler;

#[derive(Debug)]
struct OrderError(ParseIntError);

impl fmt::Display for OrderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the count is not a number")
    }
}

impl std::error::Error for OrderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[lambda_handler]
async fn parse(count: &str) -> Result<u32, OrderError> {
    count.parse().map_err(OrderError)
}
