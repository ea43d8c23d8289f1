//! Watches the stock in a table.

use lambda_native::events::dynamodb::Record;
use lambda_native::{Context, Error, lambda_handler};
use serde::Deserialize;

/// An item of the table.
#[derive(Deserialize)]
struct Item {
    id: String,
    quantity: i64,
}

/// Handles one change of an item. If it fails, Lambda goes on from its record, until it has tried that one three
/// more times.
#[lambda_handler(dynamodb = "Stock")]
async fn watch(record: Record<'_, Item>, context: &Context) -> Result<(), Error> {
    // A removed item has no new image.
    let Some(Item { id, quantity }) = record.new_image else {
        return Ok(());
    };
    if quantity < 0 {
        let message = format!("there are {quantity} of {id}");
        return Err(Error::new("NegativeStock", message));
    }
    if quantity < 5 {
        let request = context.request_id();
        println!("{request}: only {quantity} left of {id}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::events::dynamodb;
    use lambda_native::testing;

    use super::*;

    fn call(event: &str) -> Result<String, Error> {
        let response = testing::call(&dynamodb::handler_fn(watch), event, &testing::context())?;
        Ok(String::from_utf8(response).expect("JSON"))
    }

    #[test]
    fn handles_every_change() {
        let response = call(include_str!("../events/event.json")).expect("a response");
        assert_eq!(response, r#"{"batchItemFailures":[]}"#);
    }

    /// One quantity is negative, and the item after it has none.
    #[test]
    fn goes_on_from_the_first_record_that_fails() {
        let response = call(include_str!("../events/failures.json")).expect("a response");
        let expected = r#"{"batchItemFailures":[{"itemIdentifier":"100000000000000000002"}]}"#;
        assert_eq!(response, expected);
    }
}
