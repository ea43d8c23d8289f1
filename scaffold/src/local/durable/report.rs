//! The lines of the log about executions.

use std::time::SystemTime;

use chrono::{DateTime, Local};
use time::OffsetDateTime;

use super::execution::{Execution, ExecutionStatus, Retry};
use super::operation::{Operation, OperationStatus, OperationType};

/// The number of operations that a line names.
const MOST_NAMED: usize = 3;
/// The number of characters of a result or an error in a line.
const MOST_SHOWN: usize = 120;

/// Says what a suspended execution waits for.
pub(super) fn suspended(execution: &Execution) -> String {
    let timers = execution.waiting().filter(|it| it.kind != OperationType::Callback);
    let until = timers.filter_map(Operation::next_due).min().map(clock);
    let until = until.map_or_else(String::new, |time| format!(" until {time}"));
    let label = |operation: &Operation| match &operation.callback_id {
        Some(id) => format!("{} {id}", execution.label(operation)),
        None => execution.label(operation),
    };
    format!("suspended{until}: {}", list(execution.waiting().map(label)))
}

/// Says why an execution goes on.
pub(super) fn resumed(execution: &Execution) -> String {
    let label = |operation: &Operation| {
        let outcome = match (operation.kind, operation.status) {
            (OperationType::Wait, _) => "is over",
            (_, OperationStatus::Succeeded) => "succeeded",
            (_, OperationStatus::Ready) => "is attempted again",
            (_, OperationStatus::TimedOut) => "timed out",
            (_, OperationStatus::Stopped) => "was stopped",
            _ => "failed",
        };
        format!("{} {outcome}", execution.label(operation))
    };
    match list(execution.updated().map(label)) {
        text if text.is_empty() => "resumed".to_owned(),
        text => format!("resumed: {text}"),
    }
}

/// Says when an invocation that has failed is repeated.
pub(super) fn retry(Retry { at, failures, reason }: &Retry) -> String {
    let reason = shorten(reason);
    format!("is invoked again at {} after failure {failures}: {reason}", clock(*at))
}

/// Says how an execution has ended.
pub(super) fn ended(execution: &Execution) -> String {
    let Some(end) = &execution.end else { return String::new() };
    let verb = match end.status {
        ExecutionStatus::Running => "running",
        ExecutionStatus::Succeeded => "succeeded",
        ExecutionStatus::Failed => "failed",
        ExecutionStatus::TimedOut => "timed out",
        ExecutionStatus::Stopped => "was stopped",
    };
    let seconds = (end.time - execution.started()).as_seconds_f64();
    let text = match &end.error {
        None => end.result.clone().unwrap_or_else(|| "null".to_owned()),
        Some(error) => {
            let parts = [&error.error_type, &error.error_message];
            parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(": ")
        }
    };
    let text = if text.is_empty() { text } else { format!(": {}", shorten(&text)) };
    format!("{verb} after {seconds:.1} s{text}")
}

fn list(labels: impl Iterator<Item = String>) -> String {
    let mut labels: Vec<_> = labels.collect();
    let more = labels.len().saturating_sub(MOST_NAMED);
    labels.truncate(MOST_NAMED);
    if more > 0 {
        labels.push(format!("{more} more"));
    }
    labels.join(", ")
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The time of day on this machine.
fn clock(time: OffsetDateTime) -> String {
    DateTime::<Local>::from(SystemTime::from(time)).format("%H:%M:%S").to_string()
}
