//! Handles the messages of a queue, up to ten at a time. Those that fail come again.

use lambda_native::events::sqs::Message;
use lambda_native::{Context, Error, lambda_handler};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order<'a> {
    item: &'a str,
    count: u32,
}

#[lambda_handler(sqs = "OrderQueue", concurrency = 10)]
async fn ship(message: Message<'_, Order<'_>>, context: &Context) -> Result<(), Error> {
    let Order { item, count } = message.body;
    if count == 0 {
        return Err(Error::new("EmptyOrder", format!("an order of no {item}")));
    }
    println!(
        "{}: {count} x {item}, attempt {}",
        context.request_id(),
        message.attributes.approximate_receive_count
    );
    Ok(())
}
