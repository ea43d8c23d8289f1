//! The state of one execution. It has no clock and no sockets: whoever changes it passes the time.

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use hyper::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::envelope::{self, EnvelopeResponse, MAX_OPERATIONS};
use super::history::{History, HistoryPage};
use super::identity::ExecutionId;
use super::operation::{
    ErrorObject, Heartbeat, Operation, OperationAction, OperationStatus, OperationType,
    OperationUpdate, TimeUnit,
};
use super::update;
use crate::aws;

/// The number of operations of one execution, and the bytes that it can write ("Lambda quotas",
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const MOST_OPERATIONS: usize = 3000;
const MOST_WRITTEN: usize = 100 * 1024 * 1024;

/// Lambda's way with invocations that fail, as in AWS's testing library for durable functions
/// (`aws-durable-execution-sdk-python-testing` 1.4, `executor.py`).
const MOST_FAILURES: u32 = 5;
/// The number of times that a function can wait for nothing.
const MOST_IDLE: u32 = 3;
const BACKOFF: Duration = Duration::from_secs(5);

/// The message that the SDKs take for a reason to invoke the function again.
const STALE: &str = "Invalid Checkpoint Token";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ExecutionStatus {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Stopped,
}

/// The end of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExecutionEnd {
    pub(crate) time: OffsetDateTime,
    pub(crate) status: ExecutionStatus,
    pub(crate) result: Option<String>,
    pub(crate) error: Option<ErrorObject>,
}

/// The next thing that an execution does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Ended,
    /// It waits until this time, or for something from outside.
    Wait(Option<OffsetDateTime>),
    /// The function is invoked with this event.
    Invoke(Bytes),
}

/// Another attempt of an invocation that has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    pub(super) at: OffsetDateTime,
    pub(super) failures: u32,
    pub(super) reason: String,
}

/// A function that another one invokes with an operation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChainedInvocation {
    pub(super) operation: String,
    pub(super) function: String,
    pub(super) tenant_id: Option<String>,
    pub(super) payload: String,
}

/// The outcome of an operation that something outside of the function completes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OperationOutcome {
    pub(super) status: OperationStatus,
    pub(super) result: Option<String>,
    pub(super) error: Option<ErrorObject>,
}

impl OperationOutcome {
    pub(crate) fn success(result: Option<String>) -> Self {
        Self { status: OperationStatus::Succeeded, result, error: None }
    }

    pub(crate) fn failure(error: ErrorObject) -> Self {
        Self { status: OperationStatus::Failed, result: None, error: Some(error) }
    }

    fn time_out(error_type: &str, message: &str) -> Self {
        let error = Some(ErrorObject::new(error_type, message));
        Self { status: OperationStatus::TimedOut, result: None, error }
    }
}

/// A checkpoint that a function sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Checkpoint {
    pub(super) checkpoint_token: String,
    #[serde(default)]
    pub(super) updates: Vec<OperationUpdate>,
    #[serde(default)]
    pub(super) client_token: String,
}

/// The answer to a checkpoint: the next token, and the operations that the function has not seen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckpointAnswer {
    pub(crate) token: String,
    pub(crate) operations: Vec<Value>,
}

/// A checkpoint that can be sent again, because the answer was lost.
#[derive(Debug)]
struct LastCheckpoint {
    token: String,
    client_token: String,
    answer: CheckpointAnswer,
}

/// One execution of a durable function.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) id: ExecutionId,
    timeout: Duration,
    /// The execution itself, and its operations in the order of their start.
    operations: Vec<Operation>,
    /// The places of the operations by their ids.
    index: HashMap<String, usize>,
    pub(crate) end: Option<ExecutionEnd>,
    /// The token of the next checkpoint, while the function runs.
    token: Option<String>,
    last: Option<LastCheckpoint>,
    /// The number of changes, and how many of them the function has seen.
    changes: u64,
    seen: u64,
    /// The operations that were completed since the last event.
    updated: Vec<String>,
    /// The bytes of all updates.
    written: usize,
    history: History,
    failures: u32,
    pub(super) retry: Option<Retry>,
    /// The function was started for it.
    pub(super) is_cold: bool,
}

impl Execution {
    pub(super) fn new(
        id: ExecutionId,
        input: String,
        timeout: Duration,
        now: OffsetDateTime,
    ) -> Self {
        let own = Operation {
            id: Uuid::new_v4().to_string(),
            parent_id: None,
            name: Some(id.name.clone()),
            kind: OperationType::Execution,
            sub_type: None,
            status: OperationStatus::Started,
            started: now,
            ended: None,
            payload: Some(input),
            error: None,
            attempt: 0,
            replay_children: false,
            callback_id: None,
            due: None,
            heartbeat: None,
            changed: 1,
        };
        let mut history = History::default();
        history.start(&own, timeout);
        Self {
            id,
            timeout,
            index: HashMap::from([(own.id.clone(), 0)]),
            operations: vec![own],
            end: None,
            token: None,
            last: None,
            changes: 1,
            seen: 0,
            updated: Vec::new(),
            written: 0,
            history,
            failures: 0,
            retry: None,
            is_cold: false,
        }
    }

    pub(crate) fn started(&self) -> OffsetDateTime {
        self.operations.first().map_or(OffsetDateTime::UNIX_EPOCH, |it| it.started)
    }

    pub(crate) fn input(&self) -> &str {
        self.operations.first().and_then(|it| it.payload.as_deref()).unwrap_or_default()
    }

    pub(crate) fn status(&self) -> ExecutionStatus {
        self.end.as_ref().map_or(ExecutionStatus::Running, |end| end.status)
    }

    /// The time at which it times out.
    pub(super) fn deadline(&self) -> OffsetDateTime {
        self.started() + self.timeout
    }

    /// The operations that something outside of the function completes.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|it| it.is_waiting())
    }

    /// The operations that were completed, and that the function has not seen.
    pub(super) fn updated(&self) -> impl Iterator<Item = &Operation> {
        let updated = self.updated.iter().filter_map(|id| self.operation(id));
        updated.filter(|it| it.changed > self.seen)
    }

    fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.get(*self.index.get(id)?)
    }

    /// The name of an operation for the log, such as ``wait `cooldown` ``. The SDKs give the name of some operations
    /// to the context around them.
    pub(super) fn label(&self, operation: &Operation) -> String {
        let noun = operation.kind.noun();
        let parent = operation.parent_id.as_deref().and_then(|id| self.operation(id));
        match (&operation.name, parent.and_then(|it| it.name.as_ref())) {
            (Some(name), _) => format!("{noun} `{name}`"),
            (None, Some(name)) => format!("{noun} of `{name}`"),
            (None, None) => format!("a {noun}"),
        }
    }

    pub(super) fn callback(&self, callback_id: &str) -> Option<&Operation> {
        self.operations.iter().find(|it| it.callback_id.as_deref() == Some(callback_id))
    }

    /// Applies what time alone changes; returns whether anything has changed.
    pub(super) fn advance(&mut self, now: OffsetDateTime) -> bool {
        if self.end.is_some() {
            return false;
        }
        if now >= self.deadline() {
            let seconds = self.timeout.as_secs();
            let error =
                ErrorObject::of_message(format!("Execution timed out after {seconds} seconds."));
            self.end(ExecutionStatus::TimedOut, None, Some(error), now);
            return true;
        }
        let due = self.operations.iter().enumerate();
        let due = due.filter(|(_, it)| it.next_due().is_some_and(|due| due <= now));
        let due: Vec<usize> = due.map(|(place, _)| place).collect();
        for place in &due {
            self.elapse(*place, now);
        }
        !due.is_empty()
    }

    /// Applies that the time of an operation has come.
    fn elapse(&mut self, place: usize, now: OffsetDateTime) {
        let Some(operation) = self.operations.get_mut(place) else { return };
        match operation.kind {
            OperationType::Step => {
                operation.status = OperationStatus::Ready;
                operation.due = None;
                self.touch(place);
            }
            OperationType::Callback => {
                let has_timed_out = operation.due.is_some_and(|due| due <= now);
                let outcome = if has_timed_out {
                    OperationOutcome::time_out("Callback.Timeout", "Callback timed out")
                } else {
                    let message = "Callback timed out on heartbeat";
                    OperationOutcome::time_out("Callback.Heartbeat", message)
                };
                self.complete(place, outcome, now);
            }
            _ => self.complete(place, OperationOutcome::success(None), now),
        }
    }

    /// Completes an operation from outside of the function.
    fn complete(&mut self, place: usize, outcome: OperationOutcome, now: OffsetDateTime) {
        let Some(operation) = self.operations.get_mut(place) else { return };
        operation.status = outcome.status;
        operation.payload = outcome.result;
        operation.error = outcome.error;
        operation.ended = Some(now);
        self.history.outcome(operation, now);
        self.touch(place);
    }

    /// Counts a change that the function has not seen.
    fn touch(&mut self, place: usize) {
        self.changes += 1;
        let Some(operation) = self.operations.get_mut(place) else { return };
        operation.changed = self.changes;
        if !self.updated.contains(&operation.id) {
            self.updated.push(operation.id.clone());
        }
    }

    fn end(
        &mut self,
        status: ExecutionStatus,
        result: Option<String>,
        error: Option<ErrorObject>,
        time: OffsetDateTime,
    ) {
        self.token = None;
        let suffix = match status {
            ExecutionStatus::Running => "Started",
            ExecutionStatus::Succeeded => "Succeeded",
            ExecutionStatus::Failed => "Failed",
            ExecutionStatus::TimedOut => "TimedOut",
            ExecutionStatus::Stopped => "Stopped",
        };
        if let Some(own) = self.operations.first() {
            self.history.end(own, suffix, result.as_ref(), error.as_ref(), time);
        }
        self.end = Some(ExecutionEnd { time, status, result, error });
    }

    /// Ends it with an error.
    pub(super) fn fail(&mut self, error: ErrorObject, now: OffsetDateTime) {
        if self.end.is_none() {
            self.end(ExecutionStatus::Failed, None, Some(error), now);
        }
    }

    /// Decides what comes next while the function does not run.
    pub(super) fn next(&mut self, now: OffsetDateTime) -> Next {
        self.advance(now);
        if self.end.is_some() {
            return Next::Ended;
        }
        if let Some(at) = self.retry.as_ref().map(|it| it.at).filter(|at| *at > now) {
            return Next::Wait(Some(at.min(self.deadline())));
        }
        if self.retry.is_none() && self.changes == self.seen {
            let due = self.waiting().filter_map(Operation::next_due);
            return Next::Wait(due.chain([self.deadline()]).min());
        }
        self.retry = None;
        self.seen = self.changes;
        let token = new_token();
        self.token = Some(token.clone());
        let updated = mem::take(&mut self.updated);
        let page = self.page(0, usize::MAX, TimeUnit::Milliseconds);
        Next::Invoke(envelope::event(&self.id.arn, &token, page, &updated))
    }

    /// Returns operations from a place on: those that fit into one event, and the marker of the others.
    fn page(&self, start: usize, most: usize, unit: TimeUnit) -> (Vec<Value>, Option<String>) {
        let mut size = 0;
        let mut operations = Vec::new();
        for (place, operation) in self.operations.iter().enumerate().skip(start) {
            size += operation.size();
            if !operations.is_empty() && (size > MAX_OPERATIONS || operations.len() >= most) {
                return (operations, Some(place.to_string()));
            }
            operations.push(operation.json(unit));
        }
        (operations, None)
    }

    /// Returns the operations behind a marker, for a function that runs.
    pub(crate) fn state(
        &self,
        token: &str,
        marker: Option<&str>,
        most: usize,
    ) -> Result<(Vec<Value>, Option<String>), String> {
        if self.token.as_deref() != Some(token) {
            return Err(STALE.to_owned());
        }
        let start = marker.filter(|it| !it.is_empty()).map_or(Ok(0), str::parse);
        let start = start.ok().filter(|start| *start <= self.operations.len());
        let start = start.ok_or("Invalid marker")?;
        Ok(self.page(start, most, TimeUnit::Seconds))
    }

    /// Applies a checkpoint. `exists` tells whether there is a function of a name. Returns the functions that it
    /// invokes; the error is Lambda's message.
    pub(super) fn checkpoint(
        &mut self,
        checkpoint: Checkpoint,
        exists: impl Fn(&str) -> bool,
        now: OffsetDateTime,
    ) -> Result<(CheckpointAnswer, Vec<ChainedInvocation>), String> {
        let Checkpoint { checkpoint_token, updates, client_token } = checkpoint;
        self.advance(now);
        if let Some(last) = &self.last
            && last.token == checkpoint_token
            && last.client_token == client_token
            && !client_token.is_empty()
        {
            return Ok((last.answer.clone(), Vec::new()));
        }
        if self.token.as_ref() != Some(&checkpoint_token) {
            return Err(STALE.to_owned());
        }
        update::check(&updates, |id| self.operation(id))?;
        self.check_quotas(&updates)?;
        let mut invocations = Vec::new();
        for update in updates {
            invocations.extend(self.apply(update, &exists, now));
        }
        let seen = mem::replace(&mut self.seen, self.changes);
        let unseen = self.operations.iter().filter(|it| it.changed > seen);
        let operations = unseen.map(|it| it.json(TimeUnit::Seconds)).collect();
        let token = new_token();
        if self.end.is_none() {
            self.token = Some(token.clone());
        }
        let answer = CheckpointAnswer { token, operations };
        self.last =
            Some(LastCheckpoint { token: checkpoint_token, client_token, answer: answer.clone() });
        Ok((answer, invocations))
    }

    fn check_quotas(&mut self, updates: &[OperationUpdate]) -> Result<(), String> {
        let is_new = |update: &&OperationUpdate| {
            update.kind != OperationType::Execution && !self.index.contains_key(&update.id)
        };
        let started = updates.iter().filter(is_new).count();
        if self.operations.len() + started > MOST_OPERATIONS + 1 {
            return Err(format!("A durable execution can have {MOST_OPERATIONS} operations."));
        }
        let size = |update: &OperationUpdate| {
            let payload = update.payload.as_ref().map_or(0, String::len);
            payload + update.error.as_ref().map_or(0, ErrorObject::size)
        };
        let written = self.written + updates.iter().map(size).sum::<usize>();
        if written > MOST_WRITTEN {
            return Err(format!("A durable execution can write {MOST_WRITTEN} bytes."));
        }
        self.written = written;
        Ok(())
    }

    fn apply(
        &mut self,
        update: OperationUpdate,
        exists: impl Fn(&str) -> bool,
        now: OffsetDateTime,
    ) -> Option<ChainedInvocation> {
        if update.kind == OperationType::Execution {
            if update.action == OperationAction::Succeed {
                self.end(ExecutionStatus::Succeeded, update.payload, None, now);
            } else {
                self.end(ExecutionStatus::Failed, None, update.error, now);
            }
            return None;
        }
        let place = *self.index.entry(update.id.clone()).or_insert(self.operations.len());
        if place == self.operations.len() {
            self.operations.push(Operation::new(&update, now));
        }
        self.changes += 1;
        let operation = self.operations.get_mut(place)?;
        operation.changed = self.changes;
        update::apply(operation, &update, now);
        self.history.update(operation, &update, now);
        let options = update
            .chained_invoke_options
            .filter(|_| operation.kind == OperationType::ChainedInvoke)?;
        if exists(&options.function_name) {
            return Some(ChainedInvocation {
                operation: update.id,
                function: options.function_name,
                tenant_id: options.tenant_id,
                payload: update.payload.unwrap_or_else(|| "{}".to_owned()),
            });
        }
        let message = format!("Function not found: {}", aws::function_arn(&options.function_name));
        operation.status = OperationStatus::Failed;
        operation.error = Some(ErrorObject::new("ResourceNotFoundException", message));
        operation.ended = Some(now);
        self.history.outcome(operation, now);
        None
    }

    /// Adds an invocation that is over to the history.
    pub(super) fn record_invocation(
        &mut self,
        request_id: &str,
        error: Option<&ErrorObject>,
        times: [OffsetDateTime; 2],
    ) {
        self.history.invocation(request_id, error, times);
    }

    /// Returns a page of the history, and the marker of the next one.
    pub(crate) fn history(&self, page: HistoryPage) -> (Vec<Value>, Option<String>) {
        self.history.page(page)
    }

    /// Applies the end of an invocation: its response, or its error.
    pub(super) fn finish(
        &mut self,
        response: Result<Result<EnvelopeResponse, String>, ErrorObject>,
        now: OffsetDateTime,
    ) {
        self.advance(now);
        self.token = None;
        if self.end.is_some() {
            return;
        }
        let (error, most) = match response {
            Ok(Ok(EnvelopeResponse::Succeeded(result))) => {
                return self.end(ExecutionStatus::Succeeded, result, None, now);
            }
            Ok(Ok(EnvelopeResponse::Failed(error))) => return self.fail(error, now),
            Ok(Ok(EnvelopeResponse::Pending))
                if self.waiting().next().is_some() || self.changes > self.seen =>
            {
                self.failures = 0;
                return;
            }
            Ok(Ok(EnvelopeResponse::Pending)) => {
                let message = "Cannot return PENDING status with no pending operations.";
                (ErrorObject::new("InvalidParameterValueException", message), MOST_IDLE)
            }
            Ok(Err(message)) => {
                return self.fail(ErrorObject::new("InvalidParameterValueException", message), now);
            }
            Err(error) => (error, MOST_FAILURES),
        };
        self.failures += 1;
        if self.failures >= most {
            return self.fail(error, now);
        }
        let reason = error.error_message.or(error.error_type).unwrap_or_default();
        self.retry = Some(Retry { at: now + BACKOFF, failures: self.failures, reason });
    }

    /// Completes a callback; the error says that it is not open.
    pub(super) fn complete_callback(
        &mut self,
        callback_id: &str,
        outcome: OperationOutcome,
        now: OffsetDateTime,
    ) -> Result<(), NotOpen> {
        let place = self.open_callback(callback_id, now)?;
        self.complete(place, outcome, now);
        Ok(())
    }

    /// Starts the time until the next heartbeat of a callback.
    pub(super) fn heartbeat(
        &mut self,
        callback_id: &str,
        now: OffsetDateTime,
    ) -> Result<(), NotOpen> {
        let place = self.open_callback(callback_id, now)?;
        let operation = self.operations.get_mut(place).ok_or(NotOpen::Unknown)?;
        if let Some(Heartbeat { timeout, due }) = &mut operation.heartbeat {
            *due = now + *timeout;
        }
        Ok(())
    }

    fn open_callback(&mut self, callback_id: &str, now: OffsetDateTime) -> Result<usize, NotOpen> {
        self.advance(now);
        let operation = self.callback(callback_id).ok_or(NotOpen::Unknown)?;
        match operation.status {
            OperationStatus::Started if self.end.is_none() => {
                self.index.get(&operation.id).copied().ok_or(NotOpen::Unknown)
            }
            OperationStatus::TimedOut => Err(NotOpen::TimedOut),
            _ => Err(NotOpen::Completed),
        }
    }

    /// Completes the invocation of another function.
    pub(super) fn complete_invocation(
        &mut self,
        operation: &str,
        outcome: OperationOutcome,
        now: OffsetDateTime,
    ) {
        let place = self.index.get(operation).copied();
        let is_open =
            |place: &usize| self.operations.get(*place).is_some_and(Operation::is_waiting);
        if let Some(place) = place.filter(is_open).filter(|_| self.end.is_none()) {
            self.complete(place, outcome, now);
        }
    }

    /// Stops it, unless it has ended. Returns when it has ended.
    pub(super) fn stop(
        &mut self,
        error: Option<ErrorObject>,
        now: OffsetDateTime,
    ) -> OffsetDateTime {
        self.advance(now);
        if let Some(end) = &self.end {
            return end.time;
        }
        let error =
            error.unwrap_or_else(|| ErrorObject::of_message("Execution stopped by user request"));
        self.end(ExecutionStatus::Stopped, None, Some(error), now);
        now
    }
}

/// The reason for which a callback cannot be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOpen {
    Unknown,
    Completed,
    TimedOut,
}

/// A new checkpoint token; Lambda's have these characters too.
fn new_token() -> String {
    Uuid::new_v4().simple().to_string()
}
