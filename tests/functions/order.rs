//! Borrows from the payload, takes the context by reference, and fails with an error that has a cause.

use std::fmt;
use std::num::ParseIntError;

use lambda_native::{Context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order<'a> {
    item: &'a str,
    count: &'a str,
}

#[derive(Serialize)]
struct Receipt<'a> {
    request: String,
    item: &'a str,
    count: u32,
}

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
async fn checkout<'a>(order: Order<'a>, context: &Context) -> Result<Receipt<'a>, OrderError> {
    Ok(Receipt {
        request: context.request_id().to_owned(),
        item: order.item,
        count: order.count.parse().map_err(OrderError)?,
    })
}
