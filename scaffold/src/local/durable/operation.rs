//! The operations of an execution, and the updates that a function sends for them.
//!
//! The names are those of `Operation` and `OperationUpdate` in Lambda's API reference:
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html>.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OperationType {
    /// The execution itself: always the first operation.
    Execution,
    Context,
    Step,
    Wait,
    Callback,
    ChainedInvoke,
}

impl OperationType {
    /// Its name in the log.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Execution => "execution",
            Self::Context => "context",
            Self::Step => "step",
            Self::Wait => "wait",
            Self::Callback => "callback",
            Self::ChainedInvoke => "invocation",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OperationAction {
    Start,
    Succeed,
    Fail,
    Retry,
    Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OperationStatus {
    Started,
    /// A step waits for its next attempt.
    Pending,
    /// The next attempt of a step can start.
    Ready,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
    Stopped,
}

/// An error as the API carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ErrorObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stack_trace: Option<Vec<String>>,
}

impl ErrorObject {
    pub(super) fn new(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: Some(error_type.to_owned()),
            error_message: Some(message.into()),
            ..Self::default()
        }
    }

    /// An error without a type, as Lambda reports timeouts.
    pub(super) fn of_message(message: impl Into<String>) -> Self {
        Self { error_message: Some(message.into()), ..Self::default() }
    }

    /// The bytes of all its fields.
    pub(super) fn size(&self) -> usize {
        let fields = [&self.error_message, &self.error_type, &self.error_data];
        let fields = fields.into_iter().flatten().chain(self.stack_trace.iter().flatten());
        fields.map(String::len).sum()
    }
}

/// A change of an operation that a function asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OperationUpdate {
    pub(super) id: String,
    pub(super) parent_id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "Type")]
    pub(super) kind: OperationType,
    pub(super) sub_type: Option<String>,
    pub(super) action: OperationAction,
    pub(super) payload: Option<String>,
    pub(super) error: Option<ErrorObject>,
    pub(super) context_options: Option<ContextOptions>,
    pub(super) step_options: Option<StepOptions>,
    pub(super) wait_options: Option<WaitOptions>,
    pub(super) callback_options: Option<CallbackOptions>,
    pub(super) chained_invoke_options: Option<ChainedInvokeOptions>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContextOptions {
    pub(super) replay_children: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StepOptions {
    pub(super) next_attempt_delay_seconds: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WaitOptions {
    pub(super) wait_seconds: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CallbackOptions {
    pub(super) timeout_seconds: Option<u32>,
    pub(super) heartbeat_timeout_seconds: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChainedInvokeOptions {
    pub(super) function_name: String,
    pub(super) tenant_id: Option<String>,
}

/// The unit of the times in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    /// The API has seconds since 1970, with a fraction.
    Seconds,
    /// Events have milliseconds since 1970.
    Milliseconds,
}

impl TimeUnit {
    pub(crate) fn json(self, time: OffsetDateTime) -> Value {
        let millis = time.unix_timestamp() * 1000 + i64::from(time.millisecond());
        match self {
            Self::Milliseconds => millis.into(),
            Self::Seconds => {
                #[expect(clippy::cast_precision_loss, reason = "a time of this era is exact")]
                let millis = millis as f64;
                (millis / 1000.0).into()
            }
        }
    }
}

/// The time that a callback has until the next heartbeat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heartbeat {
    pub(super) timeout: Duration,
    pub(super) due: OffsetDateTime,
}

/// A step, a wait or another part of an execution.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(super) id: String,
    pub(super) parent_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) kind: OperationType,
    pub(super) sub_type: Option<String>,
    pub(super) status: OperationStatus,
    pub(super) started: OffsetDateTime,
    pub(super) ended: Option<OffsetDateTime>,
    /// The result; for the execution itself, its input.
    pub(super) payload: Option<String>,
    pub(super) error: Option<ErrorObject>,
    /// The attempts of a step that have ended.
    pub(super) attempt: u32,
    pub(super) replay_children: bool,
    pub(super) callback_id: Option<String>,
    /// When a wait ends, a step is attempted again, or a callback times out.
    pub(super) due: Option<OffsetDateTime>,
    pub(super) heartbeat: Option<Heartbeat>,
    /// The number of the change that was its last one.
    pub(super) changed: u64,
}

impl Operation {
    /// An operation that starts with this update.
    pub(super) fn new(update: &OperationUpdate, now: OffsetDateTime) -> Self {
        Self {
            id: update.id.clone(),
            parent_id: update.parent_id.clone(),
            name: update.name.clone(),
            kind: update.kind,
            sub_type: update.sub_type.clone(),
            status: OperationStatus::Started,
            started: now,
            ended: None,
            payload: None,
            error: None,
            attempt: 0,
            replay_children: false,
            callback_id: None,
            due: None,
            heartbeat: None,
            changed: 0,
        }
    }

    /// Returns whether something outside of the function completes it.
    pub(super) fn is_waiting(&self) -> bool {
        match self.kind {
            OperationType::Step => self.status == OperationStatus::Pending,
            OperationType::Wait | OperationType::Callback | OperationType::ChainedInvoke => {
                self.status == OperationStatus::Started
            }
            OperationType::Execution | OperationType::Context => false,
        }
    }

    /// When time alone changes it.
    pub(super) fn next_due(&self) -> Option<OffsetDateTime> {
        let heartbeat = self.heartbeat.map(|it| it.due);
        [self.due, heartbeat].into_iter().flatten().min().filter(|_| self.is_waiting())
    }

    /// The bytes that it takes in a page.
    pub(super) fn size(&self) -> usize {
        let payload = self.payload.as_ref().map_or(0, String::len);
        payload + self.error.as_ref().map_or(0, ErrorObject::size) + 512
    }

    pub(crate) fn json(&self, unit: TimeUnit) -> Value {
        let details = match self.kind {
            OperationType::Execution => object([("InputPayload", json!(self.payload))]),
            OperationType::Context => self.details([(
                "ReplayChildren",
                if self.replay_children { json!(true) } else { Value::Null },
            )]),
            OperationType::Step => self.details([
                ("Attempt", json!(self.attempt)),
                ("NextAttemptTimestamp", self.due.map_or(Value::Null, |due| unit.json(due))),
            ]),
            OperationType::Wait => {
                let due = self.due.map_or(Value::Null, |due| unit.json(due));
                object([("ScheduledEndTimestamp", due)])
            }
            OperationType::Callback => self.details([("CallbackId", json!(self.callback_id))]),
            OperationType::ChainedInvoke => self.details([]),
        };
        let name = match self.kind {
            OperationType::Execution => "ExecutionDetails",
            OperationType::Context => "ContextDetails",
            OperationType::Step => "StepDetails",
            OperationType::Wait => "WaitDetails",
            OperationType::Callback => "CallbackDetails",
            OperationType::ChainedInvoke => "ChainedInvokeDetails",
        };
        Value::Object(object([
            ("Id", json!(self.id)),
            ("ParentId", json!(self.parent_id)),
            ("Name", json!(self.name)),
            ("Type", json!(self.kind)),
            ("SubType", json!(self.sub_type)),
            ("Status", json!(self.status)),
            ("StartTimestamp", unit.json(self.started)),
            ("EndTimestamp", self.ended.map_or(Value::Null, |ended| unit.json(ended))),
            (name, Value::Object(details)),
        ]))
    }

    fn details<const N: usize>(&self, own: [(&str, Value); N]) -> Map<String, Value> {
        let mut details = object(own);
        details.extend(object([("Result", json!(self.payload)), ("Error", json!(self.error))]));
        details
    }
}

/// Creates an object without the members that are `null`.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    members.map(|(name, value)| (name.to_owned(), value)).collect()
}
