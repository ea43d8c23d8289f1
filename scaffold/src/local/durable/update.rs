//! Checks updates, and applies them to operations.
//!
//! The rules are those of Lambda's API reference and of AWS's testing library for durable functions
//! (`aws-durable-execution-sdk-python-testing` 1.4, `checkpoint/validators`).

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use super::operation::{
    Heartbeat, Operation, OperationAction as Action, OperationStatus as Status,
    OperationType as Type, OperationUpdate,
};
use crate::aws::{MAX_PAYLOAD, is_tenant_id};

/// The largest payload of an operation other than the execution itself, and the largest error, in bytes:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html>.
pub(super) const MAX_OPERATION_PAYLOAD: usize = 1024 * 1024;

/// The longest wait and the longest delay of an attempt, in seconds: 366 days.
const LONGEST_WAIT: u32 = 31_622_400;
/// The longest timeout of a callback, in seconds.
const LONGEST_CALLBACK: u32 = 99_999_999;

/// Checks a batch of updates against the operations that exist. The error is Lambda's message.
pub(super) fn check<'a>(
    updates: &[OperationUpdate],
    existing: impl Fn(&str) -> Option<&'a Operation>,
) -> Result<(), String> {
    let executions = updates.iter().filter(|update| update.kind == Type::Execution).count();
    if executions > 1 {
        return Err("Cannot checkpoint multiple EXECUTION updates.".to_owned());
    }
    if executions == 1 && updates.last().is_some_and(|update| update.kind != Type::Execution) {
        return Err("EXECUTION checkpoint must be the last update.".to_owned());
    }
    let mut earlier: HashMap<&str, &OperationUpdate> = HashMap::new();
    for update in updates {
        check_fields(update)?;
        let previous = earlier.get(update.id.as_str());
        if let Some(previous) = previous {
            // A step or a context can start and end in one batch.
            let can_follow = matches!(previous.kind, Type::Step | Type::Context)
                && previous.action == Action::Start
                && update.action != Action::Start;
            if !can_follow {
                return Err("Cannot checkpoint multiple operations with the same ID.".to_owned());
            }
        }
        if let Some(parent) = &update.parent_id {
            let kind = earlier.get(parent.as_str()).map(|it| it.kind);
            if kind.or_else(|| existing(parent).map(|it| it.kind)) != Some(Type::Context) {
                return Err("Invalid parent operation id.".to_owned());
            }
        }
        let started = previous.map(|it| Operation::new(it, OffsetDateTime::UNIX_EPOCH));
        check_transition(update, started.as_ref().or_else(|| existing(&update.id)))?;
        earlier.insert(&update.id, update);
    }
    Ok(())
}

/// Checks the fields of an update by themselves.
fn check_fields(update: &OperationUpdate) -> Result<(), String> {
    let is_name = |text: &str, longest: usize| {
        (1..=longest).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let is_printable = |text: &str| {
        (1..=256).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
    };
    let is_within = |value: Option<u32>, least: u32, most: u32| {
        value.is_none_or(|value| (least..=most).contains(&value))
    };
    let valid = [
        ("Id", is_name(&update.id, 64)),
        ("ParentId", update.parent_id.as_ref().is_none_or(|id| is_name(id, 64))),
        ("Name", update.name.as_ref().is_none_or(|name| is_printable(name))),
        ("SubType", update.sub_type.as_ref().is_none_or(|name| is_name(name, 32))),
        (
            "NextAttemptDelaySeconds",
            update
                .step_options
                .as_ref()
                .is_none_or(|it| is_within(it.next_attempt_delay_seconds, 1, LONGEST_WAIT)),
        ),
        (
            "WaitSeconds",
            update
                .wait_options
                .as_ref()
                .is_none_or(|it| is_within(it.wait_seconds, 1, LONGEST_WAIT)),
        ),
        (
            "CallbackOptions",
            update.callback_options.as_ref().is_none_or(|it| {
                is_within(it.timeout_seconds, 0, LONGEST_CALLBACK)
                    && is_within(it.heartbeat_timeout_seconds, 0, LONGEST_CALLBACK)
            }),
        ),
        (
            "FunctionName",
            update.chained_invoke_options.as_ref().is_none_or(|it| is_printable(&it.function_name)),
        ),
        (
            "TenantId",
            update
                .chained_invoke_options
                .as_ref()
                .is_none_or(|it| it.tenant_id.as_deref().is_none_or(is_tenant_id)),
        ),
    ];
    if let Some((field, _)) = valid.iter().find(|(_, is_valid)| !is_valid) {
        return Err(format!("Invalid value of {field}."));
    }
    let limit = match update.kind {
        Type::Execution => MAX_PAYLOAD,
        _ => MAX_OPERATION_PAYLOAD,
    };
    let size = update.payload.as_ref().map_or(0, String::len);
    if size > limit {
        let kind = update.kind.noun();
        return Err(format!("The payload of the {kind} has {size} bytes; the limit is {limit}."));
    }
    if update.error.as_ref().is_some_and(|error| error.size() > MAX_OPERATION_PAYLOAD) {
        return Err(format!("Error object size must be less than {MAX_OPERATION_PAYLOAD} bytes."));
    }
    Ok(())
}

/// Checks that the operation can take this action in its state.
fn check_transition(update: &OperationUpdate, current: Option<&Operation>) -> Result<(), String> {
    let fail = |message: &str| Err(message.to_owned());
    if let Some(current) = current {
        let differs = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
        if update.kind != current.kind {
            return fail("Inconsistent operation type.");
        }
        if differs(&update.sub_type, &current.sub_type) {
            return fail("Inconsistent operation subtype.");
        }
        if differs(&update.name, &current.name) {
            return fail("Inconsistent operation name.");
        }
        if differs(&update.parent_id, &current.parent_id) {
            return fail("Inconsistent parent operation id.");
        }
    }
    let status = current.map(|it| it.status);
    let is_open = status.is_none_or(|it| matches!(it, Status::Started | Status::Ready));
    match (update.kind, update.action) {
        (Type::Step, Action::Start) if !matches!(status, None | Some(Status::Ready)) => {
            return fail("Invalid current STEP state to start.");
        }
        (Type::Step, Action::Retry) if !is_open => {
            return fail("Invalid current STEP state to re-attempt.");
        }
        (Type::Step, Action::Retry) if update.step_options.is_none() => {
            return fail("Invalid StepOptions for the given action.");
        }
        (Type::Step, Action::Retry) if update.error.is_some() && update.payload.is_some() => {
            return fail("Cannot provide both error and payload to RETRY a STEP.");
        }
        (Type::Step, Action::Succeed | Action::Fail) if !is_open => {
            return fail("Invalid current STEP state to close.");
        }
        (Type::Context, Action::Succeed | Action::Fail) if !is_open => {
            return fail("Invalid current CONTEXT state to close.");
        }
        (Type::Wait, Action::Cancel) if status != Some(Status::Started) => {
            return fail("Cannot cancel a WAIT that does not exist or has already completed.");
        }
        (Type::Context, Action::Start) if current.is_some() => {
            return fail("Cannot start a CONTEXT that already exist.");
        }
        (Type::Wait, Action::Start) if current.is_some() => {
            return fail("Cannot start a WAIT that already exist.");
        }
        (Type::Wait, Action::Start)
            if update.wait_options.as_ref().is_none_or(|it| it.wait_seconds.is_none()) =>
        {
            return fail("Update for WAIT operation requires WaitOptions.");
        }
        (Type::Callback, Action::Start) if current.is_some() => {
            return fail("Cannot start a CALLBACK that already exist.");
        }
        (Type::ChainedInvoke, Action::Start) if current.is_some() => {
            return fail("Cannot start a CHAINED_INVOKE operation that already exists.");
        }
        (Type::ChainedInvoke, Action::Start) if update.chained_invoke_options.is_none() => {
            return fail("Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.");
        }
        (Type::Step, Action::Start | Action::Retry | Action::Succeed | Action::Fail)
        | (Type::Context, Action::Start | Action::Succeed | Action::Fail)
        | (Type::Wait, Action::Start | Action::Cancel)
        | (Type::Callback | Type::ChainedInvoke, Action::Start)
        | (Type::Execution, Action::Succeed | Action::Fail) => {}
        _ => return fail("Invalid action for the given operation type."),
    }
    match update.action {
        Action::Fail if update.payload.is_some() => {
            fail("Cannot provide a Payload for FAIL action.")
        }
        Action::Succeed if update.error.is_some() => {
            fail("Cannot provide an Error for SUCCEED action.")
        }
        _ => Ok(()),
    }
}

/// Applies an update that has been checked.
pub(super) fn apply(operation: &mut Operation, update: &OperationUpdate, now: OffsetDateTime) {
    let after = |seconds: u32| now + Duration::from_secs(seconds.into());
    if update.kind == Type::Step && !matches!(update.action, Action::Start) {
        operation.attempt += 1;
    }
    operation.payload = update.payload.clone().filter(|_| update.kind != Type::ChainedInvoke);
    operation.error.clone_from(&update.error);
    operation.due = None;
    match update.action {
        Action::Start => {
            operation.status = Status::Started;
            let wait = update.wait_options.as_ref().and_then(|it| it.wait_seconds);
            operation.due = wait.filter(|_| update.kind == Type::Wait).map(after);
            if update.kind == Type::Callback {
                operation.callback_id = Some(Uuid::new_v4().simple().to_string());
                let options = update.callback_options.as_ref();
                let seconds = |seconds: Option<u32>| seconds.filter(|seconds| *seconds > 0);
                operation.due = options.and_then(|it| seconds(it.timeout_seconds)).map(after);
                let heartbeat = options.and_then(|it| seconds(it.heartbeat_timeout_seconds));
                operation.heartbeat = heartbeat.map(|seconds| Heartbeat {
                    timeout: Duration::from_secs(seconds.into()),
                    due: after(seconds),
                });
            }
        }
        Action::Retry => {
            operation.status = Status::Pending;
            let options = update.step_options.as_ref();
            let delay = options.and_then(|it| it.next_attempt_delay_seconds);
            operation.due = Some(after(delay.unwrap_or(0)));
        }
        Action::Succeed => {
            operation.status = Status::Succeeded;
            let options = update.context_options.as_ref();
            operation.replay_children = options.and_then(|it| it.replay_children).unwrap_or(false);
        }
        Action::Fail => operation.status = Status::Failed,
        Action::Cancel => operation.status = Status::Cancelled,
    }
    if !matches!(update.action, Action::Start | Action::Retry) {
        operation.ended = Some(now);
    }
}
