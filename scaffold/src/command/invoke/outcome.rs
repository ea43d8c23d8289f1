//! What came of one event, and of many.

use std::fmt;
use std::time::Duration;

use hyper::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::emulator::Failure;
use crate::error::Error;

/// What came of one event.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) request_id: String,
    /// What the caller gets.
    pub(super) payload: Bytes,
    /// Why the function failed, if it has; the payload may be a response all the same.
    pub(super) error: Option<Error>,
    pub(super) is_response: bool,
    pub(super) figures: Figures,
    /// As the caller sees it.
    pub(super) latency: Duration,
    /// What Lambda logs.
    pub(super) log: String,
}

/// What Lambda tells of an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Figures {
    pub(super) init_ms: Option<f64>,
    pub(super) duration_ms: Option<f64>,
    pub(super) max_memory_mb: Option<u64>,
}

impl Figures {
    /// Reads them from a log.
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

/// The outcome for programs.
#[derive(Debug, Serialize)]
pub(super) struct Json<'a> {
    function: &'a str,
    request_id: &'a str,
    /// What the function gave, where it is no error.
    response: Option<Value<'a>>,
    /// What Lambda gives in its place.
    error: Option<Value<'a>>,
    memory_mb: Option<u32>,
    #[serde(flatten)]
    figures: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<&'a Summary>,
}

/// JSON as it is, or else a text.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Json(&'a RawValue),
    Text(std::borrow::Cow<'a, str>),
}

impl<'a> Json<'a> {
    pub(super) fn new(
        function: &'a str,
        memory_mb: Option<u32>,
        outcome: &'a Outcome,
        repeat: Option<&'a Summary>,
    ) -> Self {
        let value = serde_json::from_slice(&outcome.payload)
            .map_or_else(|_| Value::Text(String::from_utf8_lossy(&outcome.payload)), Value::Json);
        let (response, error) =
            if outcome.is_response { (Some(value), None) } else { (None, Some(value)) };
        let Outcome { request_id, figures, .. } = outcome;
        Self { function, request_id, response, error, memory_mb, figures: *figures, repeat }
    }
}

/// What came of many events, in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    calls: usize,
    pub(super) failed: usize,
    /// How often an instance was started, and what the slowest took.
    starts: usize,
    max_init_ms: Option<f64>,
    min_ms: f64,
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

impl Summary {
    /// The starts are no part of the latencies.
    pub(super) fn new(outcomes: &[Tally]) -> Self {
        let mut latencies: Vec<f64> = outcomes.iter().map(|outcome| outcome.latency_ms).collect();
        latencies.sort_by(f64::total_cmp);
        // The nearest rank.
        let percentile = |percent: usize| {
            let rank = (latencies.len() * percent).div_ceil(100).max(1) - 1;
            latencies.get(rank).copied().unwrap_or_default()
        };
        let inits = outcomes.iter().filter_map(|outcome| outcome.init_ms);
        Self {
            calls: outcomes.len(),
            failed: outcomes.iter().filter(|outcome| outcome.failed).count(),
            starts: inits.clone().count(),
            max_init_ms: inits.max_by(f64::total_cmp).map(rounded),
            min_ms: rounded(percentile(0)),
            p50_ms: rounded(percentile(50)),
            p99_ms: rounded(percentile(99)),
            max_ms: rounded(percentile(100)),
        }
    }
}

/// Of one call among many.
#[derive(Debug)]
pub(super) struct Tally {
    latency_ms: f64,
    init_ms: Option<f64>,
    failed: bool,
}

impl From<&Outcome> for Tally {
    fn from(outcome: &Outcome) -> Self {
        let init_ms = outcome.figures.init_ms;
        let latency_ms = outcome.latency.as_secs_f64() * 1000.0;
        Self {
            latency_ms: (latency_ms - init_ms.unwrap_or_default()).max(0.0),
            init_ms,
            failed: outcome.error.is_some(),
        }
    }
}

fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, failed, starts, min_ms, p50_ms, p99_ms, max_ms, .. } = self;
        writeln!(formatter, "{calls} calls, {failed} failed, {starts} starts")?;
        write!(
            formatter,
            "latency  min {min_ms:.2} ms  p50 {p50_ms:.2} ms  p99 {p99_ms:.2} ms  max {max_ms:.2} ms"
        )?;
        match self.max_init_ms {
            Some(init) => write!(formatter, "\ninit     max {init:.2} ms"),
            None => Ok(()),
        }
    }
}

/// The failure for the person who typed the command; `before` is what the function still had to do.
pub(super) fn failed(failure: &Failure, before: &str) -> Error {
    match failure {
        Failure::Reported { error_type, payload } => {
            Error::new(format!("the function failed: {}", reported(error_type, payload)))
        }
        Failure::ResponseTooLarge { size, limit } => Error::new(format!(
            "the function failed: its response has {size} bytes, and Lambda takes at most {limit}"
        )),
        Failure::NotStarted { reason } => Error::new(reason.clone()),
        Failure::Exited { status } => {
            Error::new(format!("the function ended before it {before}: {status}"))
        }
        Failure::TimedOut { limit } => Error::new(format!(
            "the function timed out after {:.2} seconds, before it {before}",
            limit.as_secs_f64()
        ))
        .hint("`--timeout SECONDS` gives it more time"),
    }
}

/// `Type: message`, as far as the function said them.
pub(super) fn reported(error_type: &str, payload: &[u8]) -> String {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Body {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let body: Body = serde_json::from_slice(payload).unwrap_or_default();
    let error_type = body.error_type.as_deref().unwrap_or(error_type);
    match body.error_message {
        Some(message) => format!("{error_type}: {message}"),
        None => error_type.to_owned(),
    }
}
