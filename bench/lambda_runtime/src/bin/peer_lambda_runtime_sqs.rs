//! Handles the messages of a queue, and reports those that fail.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    item: String,
    customer: String,
    count: u64,
}

static TOTAL: AtomicU64 = AtomicU64::new(0);

async fn ship(message: &SqsMessage) -> Result<(), Error> {
    let order: Order = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    if order.item.is_empty() || order.customer.is_empty() {
        return Err("empty".into());
    }
    TOTAL.fetch_add(order.count, Ordering::Relaxed);
    Ok(())
}

async fn ship_all(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in &event.payload.records {
        if let Err(error) = ship(message).await {
            tracing::error!("{error}");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(ship_all)).await
}
