//! Bills the orders that a shop announces.

use lambda_native::events::eventbridge::Event;
use lambda_native::{Context, Error, lambda_handler};
use serde::Deserialize;

/// The detail of an event.
#[derive(Deserialize)]
struct Placed {
    order: String,
    cents: u64,
}

/// Bills one order. If it fails, Lambda tries again twice.
#[lambda_handler(eventbridge = "com.example.shop")]
async fn bill(event: Event<'_, Placed>, context: &Context) -> Result<(), Error> {
    let Placed { order, cents } = event.detail;
    if cents == 0 {
        let message = format!("order {order} costs nothing");
        return Err(Error::new("NothingToBill", message));
    }
    let request = context.request_id();
    println!("{request}: billed order {order}, {cents} cents");
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::events::eventbridge;
    use lambda_native::testing;

    use super::*;

    const EVENT: &str = include_str!("../events/event.json");

    fn call(event: &str) -> Result<Vec<u8>, Error> {
        testing::call(&eventbridge::handler_fn(bill), event, &testing::context())
    }

    #[test]
    fn bills_the_order_of_the_sample_event() {
        assert!(call(EVENT).is_ok());
    }

    #[test]
    fn fails_if_there_is_nothing_to_bill() {
        let error = call(&EVENT.replace("3980", "0")).expect_err("an error");
        assert_eq!(error.error_type(), "NothingToBill");
    }

    #[test]
    fn rejects_an_event_without_an_order() {
        let error = call(&EVENT.replace("\"order\"", "\"basket\"")).expect_err("an error");
        assert_eq!(error.error_type(), "Runtime.UnmarshalError");
    }
}
