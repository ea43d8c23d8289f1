//! `POST /orders`.

use std::borrow::Cow;

use lambda_native::http::{Json, Problem};
use lambda_native::lambda_handler;
use serde::{Deserialize, Serialize};

use crate::catalogue;

/// The body of the request.
#[derive(Deserialize)]
{%- if openapi == "yes" %}
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
{%- endif %}
pub(crate) struct Order<'a> {
    #[serde(borrow)]
    lines: Vec<Line<'a>>,
}

#[derive(Deserialize)]
{%- if openapi == "yes" %}
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
{%- endif %}
struct Line<'a> {
    /// Borrows from the body, unless the JSON string has escapes.
    #[serde(borrow)]
    item: Cow<'a, str>,
    count: u32,
}

/// The body of the response.
#[derive(Debug, PartialEq, Eq, Serialize)]
{%- if openapi == "yes" %}
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
{%- endif %}
pub(crate) struct Receipt {
    /// In cents.
    total: u64,
}

/// Adds up the prices. Responds with 422 to an unknown item.
#[lambda_handler(named, post = "/orders")]
pub(crate) async fn place(#[body] order: Order<'_>) -> Result<(u16, Json<Receipt>), Problem> {
    let mut total = 0;
    for line in &order.lines {
        let item = catalogue::find(&line.item).ok_or_else(|| unknown_item(&line.item))?;
        total += item.price * u64::from(line.count);
    }
    Ok((201, Json(Receipt { total })))
}

fn unknown_item(id: &str) -> Problem {
    Problem::new(422).with_detail(format!("unknown item `{id}`"))
}

#[cfg(test)]
mod tests {
    use lambda_native::http::Request;
    use lambda_native::testing::block_on;

    use super::*;

    fn order(item: &str, count: u32) -> Order<'_> {
        let item = item.into();
        Order {
            lines: vec![Line { item, count }],
        }
    }

    #[test]
    fn handles_the_sample_event() {
        let event = include_bytes!("../events/place-order.json");
        let request = Request::from_slice(event).expect("a valid event");
        let order = request.json().expect("an order");
        let response = block_on(place(order)).expect("a receipt");
        assert_eq!(response, (201, Json(Receipt { total: 2149 })));
    }

    #[test]
    fn adds_up_the_prices() {
        let (status, Json(receipt)) = block_on(place(order("ink", 2))).expect("a receipt");
        assert_eq!((status, receipt.total), (201, 1598));
    }

    #[test]
    fn rejects_an_unknown_item() {
        let problem = block_on(place(order("rum", 1))).expect_err("a problem");
        assert_eq!(problem, unknown_item("rum"));
    }
}
