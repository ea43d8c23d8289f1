//! `POST /orders`.

use lambda_native::http::{Json, Request};
use lambda_native::{Failure, lambda_handler};
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
    item: &'a str,
    count: u32,
}

/// The body of the answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Receipt {
    /// In cents.
    total: u64,
}

/// Adds up the prices. A body that is no order is a 400, an item that is not there a 422.
#[lambda_handler(http, named)]
pub(crate) async fn place(request: Request<'_>) -> Result<(u16, Json<Receipt>), Failure> {
    let order: Order<'_> = request.json()?;
    let mut total = 0;
    for line in &order.lines {
        let item = catalogue::find(line.item).ok_or_else(|| unknown(line.item))?;
        total += item.price * u64::from(line.count);
    }
    Ok((201, Json(Receipt { total })))
}

fn unknown(item: &str) -> Failure {
    Failure::new("UnknownItem", format!("there is no item {item}")).with_status(422)
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    fn order(body: &str) -> Result<(u16, Json<Receipt>), Failure> {
        block_on(place(Request::new("POST", "/orders").with_body(body)))
    }

    #[test]
    fn answers_the_sample_event() {
        let event = include_bytes!("../events/place-order.json");
        let request = Request::from_slice(event).expect("a request");
        let answer = block_on(place(request)).expect("a receipt");
        assert_eq!(answer, (201, Json(Receipt { total: 2149 })));
    }

    #[test]
    fn refuses_what_is_not_there() {
        let failure = order(r#"{"lines":[{"item":"rum","count":1}]}"#).expect_err("no receipt");
        assert_eq!(failure.status(), Some(422));
        assert_eq!(failure.message(), "there is no item rum");
    }

    #[test]
    fn refuses_what_is_no_order() {
        let failure = order(r#"{"lines":"tea"}"#).expect_err("no receipt");
        assert_eq!(failure.status(), Some(400));
    }
}
