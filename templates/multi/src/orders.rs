//! `POST /orders`.

use std::borrow::Cow;

use lambda_native::http::{Json, Request};
use lambda_native::{Error, lambda_handler};
use serde::{Deserialize, Serialize};

use crate::catalogue;

/// The body of the request.
#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    lines: Vec<Line<'a>>,
}

#[derive(Deserialize)]
struct Line<'a> {
    /// Borrows from the body, unless the JSON string has escapes.
    #[serde(borrow)]
    item: Cow<'a, str>,
    count: u32,
}

/// The body of the response.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Receipt {
    /// In cents.
    total: u64,
}

/// Adds up the prices. Responds with 400 to a body that is not an order, and with 422 to an unknown
/// item.
#[lambda_handler(http, named)]
pub(crate) async fn place(request: Request<'_>) -> Result<(u16, Json<Receipt>), Error> {
    let order: Order<'_> = request.json()?;
    let mut total = 0;
    for line in &order.lines {
        let item = catalogue::find(&line.item).ok_or_else(|| unknown_item(&line.item))?;
        total += item.price * u64::from(line.count);
    }
    Ok((201, Json(Receipt { total })))
}

fn unknown_item(id: &str) -> Error {
    Error::new("UnknownItem", format!("unknown item `{id}`")).with_status(422)
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    fn order(body: &str) -> Result<(u16, Json<Receipt>), Error> {
        block_on(place(Request::new("POST", "/orders").with_body(body)))
    }

    #[test]
    fn handles_the_sample_event() {
        let event = include_bytes!("../events/place-order.json");
        let request = Request::from_slice(event).expect("a valid event");
        let response = block_on(place(request)).expect("a receipt");
        assert_eq!(response, (201, Json(Receipt { total: 2149 })));
    }

    #[test]
    fn accepts_escapes() {
        let response = order(r#"{"lines":[{"item":"t\u0065a","count":1}]}"#);
        assert_eq!(response.expect("a receipt").1, Json(Receipt { total: 450 }));
    }

    #[test]
    fn rejects_an_unknown_item() {
        let error = order(r#"{"lines":[{"item":"A\"da","count":1}]}"#).expect_err("an error");
        assert_eq!(error.status(), Some(422));
        assert_eq!(error.message(), "unknown item `A\"da`");
    }

    #[test]
    fn rejects_a_body_that_is_not_an_order() {
        let error = order(r#"{"lines":"tea"}"#).expect_err("an error");
        assert_eq!(error.status(), Some(400));
    }
}
