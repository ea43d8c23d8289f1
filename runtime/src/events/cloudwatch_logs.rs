//! Amazon CloudWatch Logs: the lines that a subscription of a log group passes on.
//!
//! ```no_run
//! use lambda_native::events::cloudwatch_logs;
//! use lambda_native::lambda_handler;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Line<'l> {
//!     level: &'l str,
//! }
//!
//! #[lambda_handler]
//! async fn count_errors(event: cloudwatch_logs::Event) -> usize {
//!     // Lines that are not JSON, such as those of Lambda itself, are skipped.
//!     let lines = event.log_events.iter().filter_map(|log_event| log_event.json::<Line<'_>>().ok());
//!     lines.filter(|line| line.level == "ERROR").count()
//! }
//! ```
//!
//! CloudWatch Logs compresses what it sends, so these types own their text. They need the feature
//! `cloudwatch-logs`, which adds a decoder to the program.
//!
//! The fields are those that [AWS documents](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html).

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use serde::{Deserialize, Deserializer, de};

use crate::json;
use crate::json::borrowed::{Str, or_default};
use crate::json::path::describe;

/// The most bytes that an event can have after decompression: 32 MiB.
///
/// Six megabytes, which Lambda passes on, can be compressed from some gigabytes, for which no function has
/// the memory.
pub const MAX_SIZE: u64 = 32 << 20;

/// The log events that a subscription passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The account that the logs are from.
    pub owner: String,
    /// The log group.
    pub log_group: String,
    /// The log stream.
    pub log_stream: String,
    /// The names of the subscriptions that the log events match.
    pub subscription_filters: Vec<String>,
    /// `DATA_MESSAGE`, or `CONTROL_MESSAGE` if CloudWatch Logs only checks whether the function is reachable.
    pub message_type: String,
    /// The log events, in the order of the stream.
    pub log_events: Vec<LogEvent>,
}

impl Event {
    /// Tells whether CloudWatch Logs only checks whether the function is reachable.
    #[must_use]
    pub fn is_control_message(&self) -> bool {
        self.message_type == "CONTROL_MESSAGE"
    }
}

/// A log event: usually one line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LogEvent {
    /// The id of the log event.
    pub id: String,
    /// The time of the log event, in milliseconds since the epoch.
    pub timestamp: i64,
    /// The text.
    pub message: String,
    /// The parts that the pattern of the subscription found in the text.
    #[serde(default, deserialize_with = "or_default")]
    pub extracted_fields: BTreeMap<String, Option<String>>,
}

impl LogEvent {
    /// Reads the text as JSON, borrowed if `T` borrows.
    ///
    /// # Errors
    /// If it is not JSON or not a `T`.
    pub fn json<'l, T: Deserialize<'l>>(&'l self) -> Result<T, json::Error> {
        json::read(self.message.as_bytes())
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Envelope {
            awslogs: Compressed,
        }

        #[derive(Deserialize)]
        struct Compressed {
            #[serde(deserialize_with = "decompress")]
            data: Event,
        }

        Ok(Envelope::deserialize(deserializer)?.awslogs.data)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    owner: String,
    log_group: String,
    log_stream: String,
    subscription_filters: Vec<String>,
    message_type: String,
    log_events: Vec<LogEvent>,
}

impl From<Members> for Event {
    fn from(members: Members) -> Self {
        Self {
            owner: members.owner,
            log_group: members.log_group,
            log_stream: members.log_stream,
            subscription_filters: members.subscription_filters,
            message_type: members.message_type,
            log_events: members.log_events,
        }
    }
}

/// Reads base64 of gzip of JSON.
fn decompress<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Event, D::Error> {
    let Str(data) = Str::deserialize(deserializer)?;
    let compressed = BASE64_STANDARD
        .decode(&*data)
        .map_err(|error| de::Error::custom(format_args!("`data` is not base64: {error}")))?;
    let mut json = Vec::new();
    GzDecoder::new(&*compressed)
        .take(MAX_SIZE + 1)
        .read_to_end(&mut json)
        .map_err(|error| de::Error::custom(format_args!("`data` is not gzip: {error}")))?;
    if json.len() as u64 > MAX_SIZE {
        return Err(de::Error::custom(format_args!(
            "`data` has more than {MAX_SIZE} bytes after decompression"
        )));
    }
    json::read::<Members>(&json)
        .map(Event::from)
        .map_err(|error| de::Error::custom(describe(&json, &error, &json::read_error::<Members>)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::{Value, json};

    use super::*;
    use crate::json::decode;

    fn data() -> Value {
        json!({
            "owner": "123456789012",
            "logGroup": "/aws/lambda/orders",
            "logStream": "2026/01/31/[$LATEST]0",
            "subscriptionFilters": ["errors"],
            "messageType": "DATA_MESSAGE",
            "logEvents": [
                { "id": "1", "timestamp": 1_767_225_600_000_i64, "message": "{\"level\":\"ERROR\"}",
                    "extractedFields": { "level": "ERROR", "other": null } },
                { "id": "2", "timestamp": 1_767_225_600_001_i64, "message": "END RequestId: 1\n" },
            ],
            "policyLevel": "ACCOUNT_LEVEL_POLICY",
        })
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn event(compressed: &[u8]) -> String {
        json!({ "awslogs": { "data": BASE64_STANDARD.encode(compressed) } }).to_string()
    }

    fn read(event: &str) -> Result<Event, String> {
        decode(event.as_bytes()).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn decompresses_log_events_and_reads_json_in_them() {
        let event = read(&event(&gzip(data().to_string().as_bytes()))).unwrap();
        assert_eq!(event.log_group, "/aws/lambda/orders");
        assert!(!event.is_control_message());
        let [first, second] = &*event.log_events else { panic!("{event:?}") };
        let line: std::collections::BTreeMap<&str, &str> = first.json().unwrap();
        assert_eq!(line["level"], "ERROR");
        assert_eq!(first.extracted_fields["other"], None);
        assert!(second.json::<Value>().is_err());
    }

    #[test]
    fn says_what_is_wrong_with_the_data_and_where() {
        let mut wrong = data();
        wrong["logEvents"][1]["id"] = json!(2);
        let wrong = gzip(wrong.to_string().as_bytes());
        let cut = gzip(b"{}");
        let mut damaged = gzip(data().to_string().as_bytes());
        let checksum = damaged.len() - 8;
        damaged[checksum] ^= 1;
        let messages = [
            r#"{"awslogs":{"data":"%"}}"#,
            r#"{"awslogs":{}}"#,
            r#"{"awslogs":{"data":7}}"#,
            &event(b"not gzip, but text"),
            &event(&cut[..cut.len() - 9]),
            &event(&damaged),
            &event(&gzip(b"")),
            &event(&gzip(b"{\"owner\":\"\xff\"}")),
            &event(&wrong),
        ]
        .map(|event| read(event).unwrap_err());
        let expected = [
            "cannot read the event at `awslogs`: `data` is not base64: Invalid symbol 37, offset 0. at line 1 column 23",
            "cannot read the event at `awslogs`: missing field `data` at line 1 column 13",
            "cannot read the event at `awslogs.data`: invalid type: integer `7`, expected a string at line 1 column 20",
            "cannot read the event at `awslogs`: `data` is not gzip: invalid gzip header at line 1 column 46",
            "cannot read the event at `awslogs`: `data` is not gzip: incomplete deflate stream at line 1 column 42",
            "cannot read the event at `awslogs`: `data` is not gzip: corrupt gzip stream does not have a matching checksum at line 1 column 418",
            "cannot read the event at `awslogs.data`: EOF while parsing a value at line 1 column 0 of its text",
            "cannot read the event at `awslogs.data`: `owner`: invalid UTF-8 at line 1 column 11 of its text",
            "cannot read the event at `awslogs.data`: `logEvents[1].id`: invalid type: integer `2`, expected a string at line 1 column 141 of its text",
        ];
        assert_eq!(messages, expected);
    }

    #[test]
    fn refuses_a_bomb_before_it_fills_the_memory() {
        // 40 MiB become 200 kB; nested, so that a parser without a limit would run out of its stack too.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let block = vec![b'['; 1 << 20];
        for _ in 0..40 {
            encoder.write_all(&block).unwrap();
        }
        let error = read(&event(&encoder.finish().unwrap())).unwrap_err();
        assert!(error.contains("has more than 33554432 bytes after decompression"), "{error}");
    }
}
