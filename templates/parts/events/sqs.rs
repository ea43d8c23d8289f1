//! Ships the orders in a queue.

use lambda_native::events::sqs::Message;
use lambda_native::{Context, Error, lambda_handler};
use serde::Deserialize;

/// The body of a message.
#[derive(Deserialize)]
struct Order {
    id: String,
    quantity: u32,
}

/// Ships one order. If it fails, only its message is received again; after three times, it moves to the
/// dead-letter queue.
#[lambda_handler(sqs = "OrderQueue")]
async fn ship(message: Message<'_, Order>, context: &Context) -> Result<(), Error> {
    let Order { id, quantity } = message.body;
    if quantity == 0 {
        return Err(Error::new("EmptyOrder", format!("order {id} is empty")));
    }
    let request = context.request_id();
    println!("{request}: shipped order {id} of {quantity} items");
    Ok(())
}

#[cfg(test)]
mod tests {
    use lambda_native::events::sqs;
    use lambda_native::testing;

    use super::*;

    fn call(event: &str) -> Result<String, Error> {
        let response = testing::call(&sqs::handler_fn(ship), event, &testing::context())?;
        Ok(String::from_utf8(response).expect("JSON"))
    }

    #[test]
    fn ships_every_order() {
        let response = call(include_str!("../events/event.json")).expect("a response");
        assert_eq!(response, r#"{"batchItemFailures":[]}"#);
    }

    /// One order is empty, and one message is not an order.
    #[test]
    fn only_the_messages_that_fail_are_received_again() {
        let response = call(include_str!("../events/failures.json")).expect("a response");
        let expected = concat!(
            r#"{"batchItemFailures":[{"itemIdentifier":"c2b7d9f4-6a1e-4f7b-8d35-90e1a7c4b622"},"#,
            r#"{"itemIdentifier":"7d1f3a60-58c4-4b1d-b2e9-1c0d9e8f7a33"}]}"#,
        );
        assert_eq!(response, expected);
    }

    #[test]
    fn says_why_an_order_fails() {
        let id = "A-1001".to_owned();
        let message = Message::new(Order { id, quantity: 0 });
        let outcome = testing::block_on(ship(message, &testing::context()));
        let error = outcome.expect_err("an error");
        assert_eq!(error.message(), "order A-1001 is empty");
    }
}
