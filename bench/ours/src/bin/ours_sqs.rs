//! Handles the messages of a queue.

use std::sync::atomic::{AtomicU64, Ordering};

use lambda_native::events::sqs::Message;
use lambda_native::{Error, lambda_handler};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order<'a> {
    item: &'a str,
    customer: &'a str,
    count: u64,
}

static TOTAL: AtomicU64 = AtomicU64::new(0);

#[lambda_handler(sqs)]
async fn ship(message: Message<'_, Order<'_>>) -> Result<(), Error> {
    let Order { item, customer, count } = message.body;
    if item.is_empty() || customer.is_empty() {
        return Err(Error::new("Empty", message.message_id));
    }
    TOTAL.fetch_add(count, Ordering::Relaxed);
    Ok(())
}
