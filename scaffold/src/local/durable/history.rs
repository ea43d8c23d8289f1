//! The history of an execution: an event for each change, as `GetDurableExecutionHistory` returns it.
//!
//! The names are those of `Event` in Lambda's API reference:
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Event.html>.

use std::time::Duration;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::operation::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate,
    TimeUnit, object,
};

/// The events of an execution, the oldest first.
#[derive(Debug, Default)]
pub(super) struct History(Vec<Value>);

/// A page of the history that a client wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistoryPage {
    /// The number of events before it.
    pub(crate) start: usize,
    pub(crate) most: usize,
    pub(crate) newest_first: bool,
    /// The events have the inputs, the results and the errors.
    pub(crate) with_data: bool,
}

impl History {
    /// Adds the start of the execution, which is its first operation.
    pub(super) fn start(&mut self, execution: &Operation, timeout: Duration) {
        let details = object([
            ("Input", payload(execution.payload.as_ref())),
            ("ExecutionTimeout", json!(timeout.as_secs())),
        ]);
        self.add(execution, "Started", details, execution.started);
    }

    /// Adds the end of the execution.
    pub(super) fn end(
        &mut self,
        execution: &Operation,
        suffix: &str,
        result: Option<&String>,
        error: Option<&ErrorObject>,
        time: OffsetDateTime,
    ) {
        let details = if error.is_none() {
            object([("Result", payload(result))])
        } else {
            object([("Error", payload(error))])
        };
        self.add(execution, suffix, details, time);
    }

    /// Adds an invocation that is over.
    pub(super) fn invocation(
        &mut self,
        request_id: &str,
        error: Option<&ErrorObject>,
        [started, ended]: [OffsetDateTime; 2],
    ) {
        let unit = TimeUnit::Seconds;
        let details = object([
            ("StartTimestamp", unit.json(started)),
            ("EndTimestamp", unit.json(ended)),
            ("RequestId", json!(request_id)),
            ("Error", error.map_or(Value::Null, |error| json!({ "Payload": error }))),
        ]);
        self.push("InvocationCompleted", None, details, ended);
    }

    /// Adds an update that has been applied to an operation.
    pub(super) fn update(
        &mut self,
        operation: &Operation,
        update: &OperationUpdate,
        time: OffsetDateTime,
    ) {
        if update.action == OperationAction::Start {
            self.add(operation, "Started", started(operation, update), time);
            return;
        }
        let mut details = outcome(operation);
        if update.action == OperationAction::Retry {
            let options = update.step_options.as_ref();
            let delay = options.and_then(|it| it.next_attempt_delay_seconds);
            if let Some(Value::Object(retry)) = details.get_mut("RetryDetails") {
                retry.insert("NextAttemptDelaySeconds".to_owned(), json!(delay));
            }
            // An attempt can end without an error, as when a condition does not hold yet.
            let suffix = if update.error.is_some() { "Failed" } else { "Succeeded" };
            self.add(operation, suffix, details, time);
        } else {
            self.add(operation, suffix(operation.status), details, time);
        }
    }

    /// Adds what something outside of the function has done to an operation.
    pub(super) fn outcome(&mut self, operation: &Operation, time: OffsetDateTime) {
        self.add(operation, suffix(operation.status), outcome(operation), time);
    }

    fn add(
        &mut self,
        operation: &Operation,
        suffix: &str,
        details: Map<String, Value>,
        time: OffsetDateTime,
    ) {
        let prefix = match operation.kind {
            OperationType::Execution => "Execution",
            OperationType::Context => "Context",
            OperationType::Step => "Step",
            OperationType::Wait => "Wait",
            OperationType::Callback => "Callback",
            OperationType::ChainedInvoke => "ChainedInvoke",
        };
        self.push(&format!("{prefix}{suffix}"), Some(operation), details, time);
    }

    fn push(
        &mut self,
        kind: &str,
        operation: Option<&Operation>,
        details: Map<String, Value>,
        time: OffsetDateTime,
    ) {
        let mut event = object([
            ("EventType", json!(kind)),
            ("EventId", json!(self.0.len() + 1)),
            ("EventTimestamp", TimeUnit::Seconds.json(time)),
            ("Id", json!(operation.map(|it| &it.id))),
            ("Name", json!(operation.map(|it| &it.name))),
            ("ParentId", json!(operation.map(|it| &it.parent_id))),
            ("SubType", json!(operation.map(|it| &it.sub_type))),
        ]);
        event.insert(format!("{kind}Details"), Value::Object(details));
        self.0.push(Value::Object(event));
    }

    /// Returns a page, and the marker of the next one.
    pub(super) fn page(&self, page: HistoryPage) -> (Vec<Value>, Option<String>) {
        let HistoryPage { start, most, newest_first, with_data } = page;
        let events: Box<dyn Iterator<Item = &Value>> =
            if newest_first { Box::new(self.0.iter().rev()) } else { Box::new(self.0.iter()) };
        let events = events.skip(start).take(most).cloned();
        let events = if with_data { events.collect() } else { events.map(without_data).collect() };
        let end = start.saturating_add(most);
        (events, (end < self.0.len()).then(|| end.to_string()))
    }
}

/// Wraps a value as events have it.
fn payload<T: serde::Serialize>(value: Option<&T>) -> Value {
    match value {
        Some(value) => json!({ "Payload": value }),
        None => json!({}),
    }
}

/// The details of the start of an operation.
fn started(operation: &Operation, update: &OperationUpdate) -> Map<String, Value> {
    match operation.kind {
        OperationType::Execution | OperationType::Context | OperationType::Step => Map::new(),
        OperationType::Wait => object([
            ("Duration", json!(update.wait_options.as_ref().and_then(|it| it.wait_seconds))),
            (
                "ScheduledEndTimestamp",
                operation.due.map_or(Value::Null, |due| TimeUnit::Seconds.json(due)),
            ),
        ]),
        OperationType::Callback => {
            let options = update.callback_options.as_ref();
            object([
                ("CallbackId", json!(operation.callback_id)),
                ("Timeout", json!(options.and_then(|it| it.timeout_seconds))),
                ("HeartbeatTimeout", json!(options.and_then(|it| it.heartbeat_timeout_seconds))),
            ])
        }
        OperationType::ChainedInvoke => {
            let options = update.chained_invoke_options.as_ref();
            object([
                ("FunctionName", json!(options.map(|it| &it.function_name))),
                ("TenantId", json!(options.map(|it| &it.tenant_id))),
                ("Input", payload(update.payload.as_ref())),
            ])
        }
    }
}

/// The details of the end of an operation, or of an attempt.
fn outcome(operation: &Operation) -> Map<String, Value> {
    let mut details = match (&operation.error, operation.kind) {
        (None, OperationType::Wait) => {
            let waited = operation.ended.map(|ended| (ended - operation.started).whole_seconds());
            object([("Duration", json!(waited))])
        }
        (None, _) => object([("Result", payload(operation.payload.as_ref()))]),
        (error, _) => object([("Error", payload(error.as_ref()))]),
    };
    if operation.kind == OperationType::Step {
        details.extend(object([("RetryDetails", json!({ "CurrentAttempt": operation.attempt }))]));
    }
    details
}

fn suffix(status: OperationStatus) -> &'static str {
    match status {
        OperationStatus::Started | OperationStatus::Pending | OperationStatus::Ready => "Started",
        OperationStatus::Succeeded => "Succeeded",
        OperationStatus::Failed => "Failed",
        OperationStatus::Cancelled => "Cancelled",
        OperationStatus::TimedOut => "TimedOut",
        OperationStatus::Stopped => "Stopped",
    }
}

/// Removes the payloads of an event.
fn without_data(mut event: Value) -> Value {
    let details = event.as_object_mut().into_iter().flatten();
    for (_, details) in details.filter(|(name, _)| name.ends_with("Details")) {
        for name in ["Input", "Result", "Error"] {
            if let Some(data) = details.get_mut(name) {
                *data = json!({});
            }
        }
    }
    event
}
