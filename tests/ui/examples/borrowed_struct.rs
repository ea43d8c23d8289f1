//! Borrows from the payload.

// event: {"item":"tea","note":"a \"b\""}
// reply: {"item":"tea","note":"a \"b\""}

use std::borrow::Cow;

use lambda_native::lambda_handler;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Order<'a> {
    item: &'a str,
    // A text with an escape cannot be borrowed as it is.
    #[serde(borrow)]
    note: Cow<'a, str>,
}

#[lambda_handler]
async fn echo(order: Order<'_>) -> Order<'_> {
    order
}
