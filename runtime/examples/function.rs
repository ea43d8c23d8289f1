//! JSON in and out: the event borrows from the payload, and Lambda gets the type of the error.

use std::borrow::Cow;
use std::num::ParseIntError;

use lambda_native::{Context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    item: Cow<'a, str>,
    count: &'a str,
}

#[derive(Debug, PartialEq, Serialize)]
struct Receipt<'a> {
    request: String,
    item: Cow<'a, str>,
    count: u32,
}

#[lambda_handler]
async fn checkout<'a>(order: Order<'a>, context: &Context) -> Result<Receipt<'a>, ParseIntError> {
    Ok(Receipt {
        request: context.request_id().to_owned(),
        item: order.item,
        count: order.count.parse()?,
    })
}
