//! Polls an SQS queue: receives messages, invokes the function with them, and deletes those that
//! succeeded. The others become visible again after the queue's visibility timeout.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::batch::{BatchResult, PolledRecord, count, fitting};
use super::filter::Filters;
use super::resource::{Queue, set, text};
use super::source::{Backoff, PolledSource, Trouble};
use crate::aws::aws_cli::{CallError, Service};

/// The number of messages that one call can receive or delete.
const MAX_MESSAGES: usize = 10;
/// The longest time that a call can wait for messages, in seconds.
const MAX_WAIT: u64 = 20;

/// A message that has been received.
#[derive(Debug)]
struct ReceivedMessage {
    record: PolledRecord,
    receipt_handle: String,
}

/// Polls the queue of `source` without end, or until polling cannot work.
pub(super) async fn poll(source: &PolledSource, filters: &Filters) {
    let mut backoff = Backoff::new();
    loop {
        // Messages that no function can take would only become invisible.
        source.current.built().await;
        let trouble = match source.find_queue().await {
            Ok(queue) => {
                backoff.end(source);
                source.announce(&queue.url);
                poll_queue(source, &queue, filters, &mut backoff).await
            }
            Err(trouble) => trouble,
        };
        if trouble.is_final {
            return source.report(&trouble);
        }
        backoff.wait(source, &trouble).await;
    }
}

/// Polls a queue until it does not exist any more.
async fn poll_queue(
    source: &PolledSource,
    queue: &Queue,
    filters: &Filters,
    backoff: &mut Backoff,
) -> Trouble {
    loop {
        let messages = match receive_batch(source, queue).await {
            Ok(messages) => messages,
            Err(error) => {
                let trouble = Trouble::of_call(&error, Service::Sqs);
                if error.is_not_found() {
                    return trouble;
                }
                backoff.wait(source, &trouble).await;
                continue;
            }
        };
        backoff.end(source);
        let (mut accepted, rejected): (Vec<_>, Vec<_>) =
            messages.into_iter().partition(|message| filters.accept(&message.record.event));
        // Lambda deletes these too.
        delete(source, queue, &rejected.iter().collect::<Vec<_>>()).await;
        if !rejected.is_empty() {
            let count = count(rejected.len());
            source.log.line(format_args!("{} {count} deleted by the filter", source.label));
        }
        while !accepted.is_empty() {
            let records: Vec<_> = accepted.iter().map(|message| message.record.clone()).collect();
            let rest = accepted.split_off(fitting(&records));
            let records = records.get(..accepted.len()).unwrap_or_default();
            let outcome = source.invoke(records).await.unwrap_or(BatchResult::Failed);
            let succeeded: Vec<_> = accepted
                .iter()
                .enumerate()
                .filter(|(index, _)| !outcome.has_failed(*index))
                .map(|(_, message)| message)
                .collect();
            delete(source, queue, &succeeded).await;
            accepted = rest;
        }
    }
}

/// Receives messages until the batch is full, or its window has passed. Waits for the first one.
async fn receive_batch(
    source: &PolledSource,
    queue: &Queue,
) -> Result<Vec<ReceivedMessage>, CallError> {
    let size = source.mapping.batch_size;
    let window = source.mapping.batching_window;
    let mut messages = receive(source, queue, size, MAX_WAIT).await?;
    let started = Instant::now();
    while !messages.is_empty() && messages.len() < size {
        let left = window.saturating_sub(started.elapsed());
        if left == Duration::ZERO {
            break;
        }
        let wait = left.as_secs().min(MAX_WAIT);
        match receive(source, queue, size - messages.len(), wait).await {
            Ok(more) => messages.extend(more),
            // Those that have been received must not be lost.
            Err(_) => break,
        }
    }
    Ok(messages)
}

async fn receive(
    source: &PolledSource,
    queue: &Queue,
    most: usize,
    wait: u64,
) -> Result<Vec<ReceivedMessage>, CallError> {
    let input = json!({
        "QueueUrl": queue.url,
        "AttributeNames": ["All"],
        "MessageAttributeNames": ["All"],
        "MaxNumberOfMessages": most.min(MAX_MESSAGES),
        "WaitTimeSeconds": wait,
    });
    let received = source.aws.call(Service::Sqs, "receive-message", &input).await?;
    let messages = received.get("Messages").and_then(Value::as_array);
    Ok(messages.into_iter().flatten().map(|message| self::message(message, &queue.arn)).collect())
}

async fn delete(source: &PolledSource, queue: &Queue, messages: &[&ReceivedMessage]) {
    for messages in messages.chunks(MAX_MESSAGES) {
        let entries = messages.iter().enumerate().map(|(index, message)| {
            json!({ "Id": index.to_string(), "ReceiptHandle": message.receipt_handle })
        });
        let input = json!({ "QueueUrl": queue.url, "Entries": entries.collect::<Vec<_>>() });
        let reason = match source.aws.call(Service::Sqs, "delete-message-batch", &input).await {
            Ok(result) => match result.get("Failed").and_then(|failed| failed.get(0)) {
                Some(failed) => text(failed, "Message").to_owned(),
                None => continue,
            },
            Err(error) => error.to_string(),
        };
        source.warn(
            &format!("cannot delete {}: {reason}", count(messages.len())),
            "the function gets these messages again after the visibility timeout",
        );
    }
}

/// Converts a message into the form in which a function receives it.
fn message(message: &Value, arn: &str) -> ReceivedMessage {
    let attributes = message.get("MessageAttributes").and_then(Value::as_object);
    let attributes: Map<String, Value> = attributes
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let mut attribute = json!({
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": text(value, "DataType"),
            });
            for (name, own) in [("stringValue", "StringValue"), ("binaryValue", "BinaryValue")] {
                if let Some(value) = value.get(own) {
                    set(&mut attribute, name, value.clone());
                }
            }
            (name.clone(), attribute)
        })
        .collect();
    let mut event = json!({
        "messageId": text(message, "MessageId"),
        "receiptHandle": text(message, "ReceiptHandle"),
        "body": text(message, "Body"),
        "attributes": message.get("Attributes").cloned().unwrap_or_else(|| json!({})),
        "messageAttributes": attributes,
        "md5OfBody": text(message, "MD5OfBody"),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(':').nth(3),
    });
    if let Some(digest) = message.get("MD5OfMessageAttributes") {
        set(&mut event, "md5OfMessageAttributes", digest.clone());
    }
    ReceivedMessage {
        record: PolledRecord { id: text(message, "MessageId").to_owned(), event },
        receipt_handle: text(message, "ReceiptHandle").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_a_record() {
        let received = json!({
            "MessageId": "059f36b4",
            "ReceiptHandle": "AQEB",
            "MD5OfBody": "098f",
            "Body": "test",
            "Attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1545082649183"},
            "MD5OfMessageAttributes": "1c2d",
            "MessageAttributes": {
                "city": {"StringValue": "Oslo", "DataType": "String"},
                "photo": {"BinaryValue": "AQI=", "DataType": "Binary"},
            },
        });
        let message = message(&received, "arn:aws:sqs:eu-north-1:123456789012:orders");
        assert_eq!(
            (message.record.id.as_str(), message.receipt_handle.as_str()),
            ("059f36b4", "AQEB")
        );
        let event = serde_json::to_string_pretty(&message.record.event).unwrap_or_default();
        insta::assert_snapshot!(event, @r#"
        {
          "attributes": {
            "ApproximateReceiveCount": "2",
            "SentTimestamp": "1545082649183"
          },
          "awsRegion": "eu-north-1",
          "body": "test",
          "eventSource": "aws:sqs",
          "eventSourceARN": "arn:aws:sqs:eu-north-1:123456789012:orders",
          "md5OfBody": "098f",
          "md5OfMessageAttributes": "1c2d",
          "messageAttributes": {
            "city": {
              "binaryListValues": [],
              "dataType": "String",
              "stringListValues": [],
              "stringValue": "Oslo"
            },
            "photo": {
              "binaryListValues": [],
              "binaryValue": "AQI=",
              "dataType": "Binary",
              "stringListValues": []
            }
          },
          "messageId": "059f36b4",
          "receiptHandle": "AQEB"
        }
        "#);
    }
}
