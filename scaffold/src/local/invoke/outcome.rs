//! The outcome of one event.

use std::time::Duration;

use hyper::body::Bytes;
use serde::Serialize;

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
    /// The time from sending the event to receiving the response.
    pub(crate) latency: Duration,
    /// Lambda's report, or the end of the invocation's log.
    pub(crate) log: String,
}

/// The figures of Lambda's report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct ReportFigures {
    pub(crate) init_ms: Option<f64>,
    pub(super) duration_ms: Option<f64>,
    pub(super) max_memory_mb: Option<u64>,
}

impl ReportFigures {
    /// Reads the figures from the last report in a log.
    pub(super) fn parse(log: &str) -> Self {
        let report = log.lines().rfind(|line| line.starts_with("REPORT ")).unwrap_or_default();
        let find = |name: &str| {
            let field = report.split('\t').find_map(|field| field.strip_prefix(name))?;
            field.split(' ').next()
        };
        Self {
            init_ms: find("Init Duration: ").and_then(|value| value.parse().ok()),
            duration_ms: find("Duration: ").and_then(|value| value.parse().ok()),
            max_memory_mb: find("Max Memory Used: ").and_then(|value| value.parse().ok()),
        }
    }
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
