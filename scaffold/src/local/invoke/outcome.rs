//! The outcome of one event.

use std::time::Duration;

use hyper::body::Bytes;
use serde::{Deserialize, Serialize};

use crate::local::lambda::{FunctionError, error_text};
use crate::term::error::Error;

/// The outcome of one event.
#[derive(Debug)]
pub(crate) struct InvocationOutcome {
    pub(crate) request_id: String,
    /// The payload that the caller receives.
    pub(crate) payload: Bytes,
    /// True if `payload` is a response, false if it is Lambda's description of an error.
    pub(crate) is_response: bool,
    /// Why the function failed, if it did. It can fail after its response, too.
    pub(crate) error: Option<Error>,
    pub(crate) figures: ReportFigures,
    /// The time from sending the event to receiving the response. That of a deployed function is what Lambda has
    /// measured, without the network.
    pub(crate) latency: Duration,
    /// Lambda's report, or the end of the invocation's log.
    pub(crate) log: String,
}

/// The figures of Lambda's report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct ReportFigures {
    pub(crate) init_ms: Option<f64>,
    pub(crate) duration_ms: Option<f64>,
    pub(super) max_memory_mb: Option<u64>,
}

impl ReportFigures {
    /// Reads the figures from the last report in a log.
    pub(crate) fn parse(log: &str) -> Self {
        if let Some(Event { record: Record { metrics, .. } }) = log.lines().rev().find_map(event) {
            return Self {
                init_ms: metrics.init_duration_ms,
                duration_ms: metrics.duration_ms,
                max_memory_mb: metrics.max_memory_used_mb,
            };
        }
        let find = |name: &str| field(log, name);
        Self {
            init_ms: find("Init Duration: ").and_then(|value| value.parse().ok()),
            duration_ms: find("Duration: ").and_then(|value| value.parse().ok()),
            max_memory_mb: find("Max Memory Used: ").and_then(|value| value.parse().ok()),
        }
    }

    /// Reads the id of the request from the last report in a log.
    pub(crate) fn request_id(log: &str) -> Option<String> {
        let event = log.lines().rev().find_map(event);
        event.map(|event| event.record.request_id).or_else(|| {
            let report = report(log)?.strip_prefix("REPORT RequestId: ")?;
            report.split_whitespace().next().map(str::to_owned)
        })
    }
}

/// A report in a log whose format is JSON.
#[derive(Deserialize)]
struct Event {
    record: Record,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    request_id: String,
    metrics: Metrics,
}

#[derive(Deserialize)]
struct Metrics {
    #[serde(rename = "initDurationMs")]
    init_duration_ms: Option<f64>,
    #[serde(rename = "durationMs")]
    duration_ms: Option<f64>,
    #[serde(rename = "maxMemoryUsedMB")]
    max_memory_used_mb: Option<u64>,
}

/// Parses a line of the type `platform.report`.
fn event(line: &str) -> Option<Event> {
    let is_report = line.starts_with('{') && line.contains("\"platform.report\"");
    is_report.then(|| serde_json::from_str(line).ok()).flatten()
}

/// Returns the last report as text.
fn report(log: &str) -> Option<&str> {
    log.lines().rfind(|line| line.starts_with("REPORT "))
}

/// Returns the number in a field of the last report as text.
fn field<'a>(log: &'a str, name: &str) -> Option<&'a str> {
    report(log)?.split('\t').find_map(|field| field.strip_prefix(name))?.split(' ').next()
}

/// Describes a function error to the user. `before` is the step that the function did not reach.
pub(super) fn describe(error: &FunctionError, before: &str) -> Error {
    match error {
        FunctionError::Reported { error_type, payload } => {
            Error::new(format!("the function failed: {}", error_text(error_type, payload)))
        }
        FunctionError::Extension { error_type, payload } => {
            Error::new(format!("an extension failed: {}", error_text(error_type, payload)))
        }
        FunctionError::ResponseTooLarge { size, limit } => Error::new(format!(
            "the function failed: its response has {size} bytes; Lambda's limit is {limit}"
        )),
        FunctionError::NotStarted { reason } => Error::new(reason.clone()),
        FunctionError::Exited { status } => {
            Error::new(format!("the function exited before it {before}: {status}"))
        }
        FunctionError::TimedOut { limit } => Error::new(format!(
            "the function timed out after {:.2} seconds, before it {before}",
            limit.as_secs_f64()
        ))
        .hint("use `--timeout SECONDS` to give it more time"),
    }
}

#[cfg(test)]
mod tests {
    use super::ReportFigures;

    #[test]
    fn reads_reports_in_both_formats() {
        let figures =
            ReportFigures { init_ms: Some(20.5), duration_ms: Some(1.25), max_memory_mb: Some(18) };
        let text = "START RequestId: 7\nREPORT RequestId: 7\tDuration: 1.25 ms\tBilled Duration: 22 ms\tMemory Size: \
                    128 MB\tMax Memory Used: 18 MB\tInit Duration: 20.50 ms\t\n";
        let json = r#"{"level":"INFO","message":"a \"platform.report\""}
{"time":"2026-11-30T12:00:00.000Z","type":"platform.report","record":{"requestId":"7","metrics":{"durationMs":1.25,"billedDurationMs":22,"memorySizeMB":128,"maxMemoryUsedMB":18,"initDurationMs":20.5},"status":"success"}}"#;
        for log in [text, json] {
            assert_eq!(ReportFigures::parse(log), figures);
            assert_eq!(ReportFigures::request_id(log).as_deref(), Some("7"));
        }
        assert_eq!(ReportFigures::parse("REPORT"), ReportFigures::default());
        assert_eq!(ReportFigures::request_id("REPORT"), None);
    }
}
