//! Handles the records of queues and streams, one by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lambda_native::events::sns::Notification;
use lambda_native::events::{dynamodb, eventbridge, kinesis, sns, sqs};
use lambda_native::{Context, Error, lambda_handler};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Debug, Deserialize)]
struct Order<'a> {
    item: &'a str,
    #[serde(default)]
    count: u32,
}

/// What the handlers share.
struct Shipped {
    count: AtomicUsize,
    /// The number of messages that are being handled.
    running: AtomicUsize,
    all: Arc<tokio::sync::Barrier>,
}

fn start() -> Shipped {
    Shipped {
        count: AtomicUsize::new(0),
        running: AtomicUsize::new(0),
        all: Arc::new(tokio::sync::Barrier::new(3)),
    }
}

fn handle(order: &Order<'_>) -> Result<(), Error> {
    match order.item {
        "panic" => panic!("no {}", order.item),
        "fail" => {
            let cause = std::io::Error::other("the shelf is empty");
            Err(Error::new("OutOfStock", format!("{} are missing", order.count)).caused_by(&cause))
        }
        _ => Ok(()),
    }
}

#[lambda_handler(named, sqs = "OrderQueue")]
async fn ship(
    message: sqs::Message<'_, Order<'_>>,
    _: &Context,
    shipped: &Shipped,
) -> Result<(), Error> {
    shipped.count.fetch_add(1, Ordering::Relaxed);
    println!("{}: {:?}", message.message_id, message.body);
    if message.body.item == "wait" {
        std::future::pending::<()>().await;
    }
    handle(&message.body)
}

/// Says nothing, for large batches.
#[lambda_handler(named, sqs)]
async fn ship_quietly(
    message: sqs::Message<'_, Order<'_>>,
    shipped: &Shipped,
) -> Result<(), Error> {
    shipped.count.fetch_add(1, Ordering::Relaxed);
    handle(&message.body)
}

/// Goes on only if three messages are being handled.
#[lambda_handler(named, sqs, concurrency = 3)]
async fn ship_at_once(
    message: sqs::Message<'_, Order<'_>>,
    shipped: &Shipped,
) -> Result<(), Error> {
    let running = shipped.running.fetch_add(1, Ordering::Relaxed) + 1;
    assert!(running <= 3, "{running} messages at a time");
    if !message.event_source_arn.ends_with(".fifo") {
        shipped.all.wait().await;
    }
    shipped.running.fetch_sub(1, Ordering::Relaxed);
    handle(&message.body)
}

/// The body of a message as it is.
#[lambda_handler(named, sqs)]
async fn read_text(message: sqs::Message<'_, &str>) {
    println!(
        "{}: {:?} {:?}",
        message.message_id, message.body, message.attributes.message_group_id
    );
}

/// The envelopes of a topic and of a bus.
#[lambda_handler(named, sqs)]
async fn read_notification(message: sqs::Message<'_, Notification<'_, Order<'_>>>) {
    let notification = message.body;
    println!("{} {:?}", notification.topic_arn, notification.message);
}

#[lambda_handler(named, sqs)]
async fn read_event(message: sqs::Message<'_, eventbridge::Event<'_, Order<'_>>>) {
    println!("{} {:?}", message.body.detail_type, message.body.detail);
}

#[lambda_handler(named, kinesis = "ClickStream")]
async fn count(record: kinesis::Record<'_, Order<'_>>) -> Result<(), Error> {
    println!("{} {}: {:?}", record.partition_key, record.sequence_number, record.data);
    handle(&record.data)
}

#[lambda_handler(named, kinesis)]
async fn count_bytes(record: kinesis::Record<'_, &[u8]>) {
    println!("{:?}", record.data);
}

#[lambda_handler(named, dynamodb = "OrderTable")]
async fn audit(record: dynamodb::Record<'_, Order<'_>, Order<'_>>) -> Result<(), Error> {
    println!(
        "{:?} {}: {:?} -> {:?}",
        record.event_name, record.keys.item, record.old_image, record.new_image
    );
    record.new_image.as_ref().map_or(Ok(()), handle)
}

#[lambda_handler(named, sns = "OrderTopic")]
async fn announce(notification: sns::Notification<'_, Order<'_>>) -> String {
    format!("{:?} {:?}", notification.subject, notification.message)
}

#[lambda_handler(named, schedule = "rate(5 minutes)")]
async fn clean_up(event: eventbridge::Event<'_>) -> String {
    format!("{} {:?}", event.source, event.resources)
}

/// The record is not read.
#[lambda_handler(named, sqs)]
async fn ignore(_: IgnoredAny, shipped: &Shipped) {
    println!("{}", shipped.count.fetch_add(1, Ordering::Relaxed));
}

lambda_native::main!(
    ship,
    ship_quietly,
    ship_at_once,
    read_text,
    read_notification,
    read_event,
    count,
    count_bytes,
    audit,
    announce,
    clean_up,
    ignore,
    init = start
);
