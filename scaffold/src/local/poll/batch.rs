//! A batch of records: the invocation of the function with it, and what its response says about them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anstyle::AnsiColor::{Green, Red, Yellow};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::source::PolledSource;
use crate::aws::MAX_PAYLOAD;
use crate::local::console::{Arrival, Outcome, Recording};
use crate::local::lambda::{FunctionResponse, Invocation, Invoked, PendingLine};
use crate::term::escape;

/// The bytes of an event besides its records.
const ENVELOPE: usize = r#"{"Records":[]}"#.len();
/// The number of failed records that the log names.
const MAX_NAMED: usize = 5;

/// A record and the id by which the function reports that it failed.
#[derive(Clone, Debug)]
pub(super) struct PolledRecord {
    /// `messageId` of a message, the sequence number of others.
    pub(super) id: String,
    /// The record as the function receives it.
    pub(super) event: Value,
}

/// What happened to the records of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BatchResult {
    Succeeded,
    /// Some failed: their indices, in the order of the batch.
    PartlyFailed(Vec<usize>),
    Failed,
}

impl BatchResult {
    pub(super) fn has_failed(&self, index: usize) -> bool {
        match self {
            Self::Succeeded => false,
            Self::PartlyFailed(failed) => failed.contains(&index),
            Self::Failed => true,
        }
    }
}

/// Returns how many of the records fit into one event; at least one.
pub(super) fn fitting(records: &[PolledRecord]) -> usize {
    let mut size = ENVELOPE;
    let fits = |record: &&PolledRecord| {
        size += record.event.to_string().len() + 1;
        size <= MAX_PAYLOAD
    };
    records.iter().take_while(fits).count().max(1)
}

impl PolledSource {
    /// Invokes the function with a batch, and prints a line about it. `None` if the function does not run
    /// here any more.
    pub(super) async fn invoke(&self, records: &[PolledRecord]) -> Option<BatchResult> {
        let serving = self.current.for_request(self.wait).await;
        let (version, is_old) = (serving.version, serving.is_old);
        let pool = Arc::clone(serving.deployment?.function(&self.function)?);
        let events: Vec<&Value> = records.iter().map(|record| &record.event).collect();
        let mut invocation = Invocation::new(json!({ "Records": events }).to_string(), None);
        let line = PendingLine::new();
        invocation.below = Some(line.below());
        let id = invocation.request_id.clone();
        let (time, started) = (OffsetDateTime::now_utc(), Instant::now());
        let arrival = Arrival { time, started, version, is_old };
        let mut recording = Recording::new(self.console.as_ref(), arrival);
        recording.function = Some(self.function.as_str().into());
        let source = format!("{} {}", self.label, count(records.len()));
        recording.begin_event(&source, &id, &invocation.payload);
        let invoked = self.executions.invoke(&pool, invocation, recording.on_over());
        let Invoked { result, is_cold, .. } = invoked.await;
        let duration = started.elapsed();
        let answer = match &result {
            Err(error) => Some(error.payload(&id)),
            Ok(FunctionResponse::Buffered(response)) => Some(response.clone()),
            Ok(FunctionResponse::Streamed(_)) => None,
        };
        let (outcome, reason) = match &answer {
            Some(error) if result.is_err() => {
                (BatchResult::Failed, Some(String::from_utf8_lossy(error).into_owned()))
            }
            Some(response) => self.outcome(response, records),
            None => (BatchResult::Failed, Some("the response is streamed".to_owned())),
        };
        self.log_outcome(&outcome, records.len(), duration);
        drop(line);
        if let Some(reason) = &reason {
            self.log.line(format_args!("  {reason}"));
        }
        recording.answer = answer;
        recording.end_event(&source, Outcome { status: Some(200), duration, is_cold, reason });
        Some(outcome)
    }

    /// Reads the response of the function, and explains it if records failed.
    fn outcome(&self, response: &[u8], records: &[PolledRecord]) -> (BatchResult, Option<String>) {
        let failures = failures(response, records);
        if !self.mapping.reports_failures {
            if failures.is_ok_and(|failed| !failed.is_empty()) {
                self.warn_ignored_failures();
            }
            return (BatchResult::Succeeded, None);
        }
        match failures {
            Ok(failed) if failed.is_empty() => (BatchResult::Succeeded, None),
            Ok(failed) => {
                let named = failed.iter().filter_map(|index| records.get(*index)).take(MAX_NAMED);
                let named: Vec<_> = named.map(|record| record.id.as_str()).collect();
                let more = if failed.len() > MAX_NAMED { ", …" } else { "" };
                let reason = format!("failed: {}{more}", named.join(", "));
                (BatchResult::PartlyFailed(failed), Some(reason))
            }
            Err(reason) => (BatchResult::Failed, Some(reason)),
        }
    }

    fn log_outcome(&self, outcome: &BatchResult, records: usize, duration: Duration) {
        let (style, failed) = match outcome {
            BatchResult::Succeeded => (Green, String::new()),
            BatchResult::PartlyFailed(failed) => (Yellow, format!(", {} failed", failed.len())),
            BatchResult::Failed => (Red, ", all failed".to_owned()),
        };
        let style = style.on_default();
        let (label, function) = (escape::line(&self.label), escape::line(&self.function));
        self.log.styled_line(format_args!(
            "{label} {style}{}{failed}{style:#} {function} {:.1} ms",
            count(records),
            duration.as_secs_f64() * 1000.0
        ));
    }

    /// Warns once that nothing reads the failures that the function reports.
    fn warn_ignored_failures(&self) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            self.warn(
                "`batchItemFailures` of the response is ignored, as on AWS",
                "add `FunctionResponseTypes: [ReportBatchItemFailures]` to the event source",
            );
        }
    }
}

/// `1 record`, `10 records`.
pub(super) fn count(number: usize) -> String {
    format!("{number} record{}", if number == 1 { "" } else { "s" })
}

/// Reads the failed records from a response. An error is the reason why all of them count as failed:
/// "Success and failure conditions" in the Lambda Developer Guide.
fn failures(response: &[u8], records: &[PolledRecord]) -> Result<Vec<usize>, String> {
    let invalid = |what: &str| format!("all records count as failed, because the response {what}");
    let response: Value = serde_json::from_slice(response).map_err(|_| invalid("is not JSON"))?;
    let list = match &response {
        Value::Null => return Ok(Vec::new()),
        Value::Object(fields) => match fields.get("batchItemFailures") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(invalid("has a `batchItemFailures` that is not a list")),
        },
        _ => return Err(invalid("is not an object with `batchItemFailures`")),
    };
    let mut failed = Vec::new();
    for item in list {
        let id = item.get("itemIdentifier").and_then(Value::as_str).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| invalid("has a failure without an `itemIdentifier`"))?;
        let index = records.iter().position(|record| record.id == id);
        failed.push(index.ok_or_else(|| {
            invalid(&format!("has the `itemIdentifier` `{id}`, which is not in the batch"))
        })?);
    }
    failed.sort_unstable();
    failed.dedup();
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(ids: &[&str]) -> Vec<PolledRecord> {
        ids.iter().map(|id| PolledRecord { id: (*id).to_owned(), event: json!({}) }).collect()
    }

    #[test]
    fn responses_say_which_records_failed() {
        let records = records(&["a", "b", "c"]);
        for response in
            ["null", "{}", r#"{"batchItemFailures": null}"#, r#"{"batchItemFailures": []}"#]
        {
            assert_eq!(failures(response.as_bytes(), &records), Ok(Vec::new()), "{response}");
        }
        let response = r#"{"batchItemFailures": [{"itemIdentifier": "c"}, {"itemIdentifier": "a"},
                          {"itemIdentifier": "c"}]}"#;
        assert_eq!(failures(response.as_bytes(), &records), Ok(vec![0, 2]));
    }

    #[test]
    fn a_response_that_lambda_does_not_take_fails_all_records() {
        let reasons = [
            "",
            "\"ok\"",
            "[]",
            r#"{"batchItemFailures": {}}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": ""}]}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": null}]}"#,
            r#"{"batchItemFailures": [{"id": "a"}]}"#,
            r#"{"batchItemFailures": [{"itemIdentifier": "x"}]}"#,
        ]
        .map(|response| failures(response.as_bytes(), &records(&["a"])).err().unwrap_or_default());
        insta::assert_snapshot!(reasons.join("\n"), @"
        all records count as failed, because the response is not JSON
        all records count as failed, because the response is not an object with `batchItemFailures`
        all records count as failed, because the response is not an object with `batchItemFailures`
        all records count as failed, because the response has a `batchItemFailures` that is not a list
        all records count as failed, because the response has a failure without an `itemIdentifier`
        all records count as failed, because the response has a failure without an `itemIdentifier`
        all records count as failed, because the response has a failure without an `itemIdentifier`
        all records count as failed, because the response has the `itemIdentifier` `x`, which is not in the batch
        ");
    }

    #[test]
    fn an_event_is_not_larger_than_lambda_allows() {
        let record =
            |size: usize| PolledRecord { id: String::new(), event: json!("x".repeat(size)) };
        let megabyte = 1 << 20;
        let sizes = [megabyte, 2 * megabyte, 2 * megabyte, 2 * megabyte];
        assert_eq!(fitting(&sizes.map(record)), 3);
        assert_eq!(fitting(&[record(7 * megabyte)]), 1);
        assert_eq!(fitting(&[record(1), record(1)]), 2);
    }
}
