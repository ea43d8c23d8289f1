//! All executions of the durable functions of a project, in memory.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use tokio::sync::watch;

use super::begun::{BegunInvocation, SYNCHRONOUS};
use super::driver::{Driver, OnOver, SharedExecution, now};
use super::envelope::error_of;
use super::execution::{
    ChainedInvocation, Checkpoint, CheckpointAnswer, Execution, ExecutionStatus, NotOpen,
    OperationOutcome,
};
use super::functions::Functions;
use super::identity::ExecutionId;
use super::operation::{ErrorObject, OperationStatus};
use super::update::MAX_OPERATION_PAYLOAD;
use crate::local::lambda::{
    DurableConfiguration, FunctionError, FunctionResponse, Invocation, InvocationDetails, Invoked,
    Log, Pool,
};
use crate::local::server::deployment::CurrentDeployment;

/// The number of executions that are kept after their end.
const MOST_ENDED: usize = 100;

/// There is an execution of this name, with another event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlreadyStarted;

/// The executions of all functions.
#[derive(Debug)]
pub(crate) struct Executions {
    functions: Arc<Functions>,
    /// The oldest first.
    all: Mutex<Vec<SharedExecution>>,
    /// The log says that Lambda refuses a synchronous invocation.
    has_warned: AtomicBool,
}

impl Executions {
    pub(crate) fn new(current: CurrentDeployment, log: Arc<Log>, wait: bool) -> Arc<Self> {
        let functions = Arc::new(Functions { current, log, wait });
        Arc::new(Self { functions, all: Mutex::default(), has_warned: AtomicBool::new(false) })
    }

    /// Invokes a function. If it is durable, this starts an execution, and waits for its end.
    pub(crate) async fn invoke(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        invocation: Invocation,
        on_over: impl FnOnce(InvocationDetails) + Send + 'static,
    ) -> Invoked {
        self.warn_if_too_long(pool);
        match self.begin(pool, invocation, None, Box::new(on_over)) {
            Ok(begun) => begun.end(Some(SYNCHRONOUS)).await,
            // Without a name, no other execution can be in the way.
            Err(AlreadyStarted) => {
                let reason = "an execution of this name has started".to_owned();
                let error = FunctionError::NotStarted { reason: reason.clone() };
                Invoked { result: Err(error), is_cold: false, reason: Some(reason) }
            }
        }
    }

    /// Warns that Lambda refuses to wait for a function whose executions can take longer than it waits: "You cannot
    /// synchronously invoke a durable function with an executionTimeout greater than 15 minutes."
    pub(crate) fn warn_if_too_long(&self, pool: &Pool) {
        let is_longer = |it: &DurableConfiguration| it.execution_timeout > SYNCHRONOUS;
        if pool.function.durable.as_ref().is_some_and(is_longer)
            && !pool.function.debug
            && !self.has_warned.swap(true, Relaxed)
        {
            pool.note(
                "warning: on Lambda, a durable function whose `ExecutionTimeout` is longer than 15 minutes \
                 can only be invoked asynchronously",
            );
        }
    }

    /// Begins the invocation of a function: if it is durable, starts an execution.
    pub(crate) fn begin(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        invocation: Invocation,
        name: Option<&str>,
        on_over: OnOver,
    ) -> Result<BegunInvocation, AlreadyStarted> {
        Ok(match pool.function.durable {
            Some(_) => self.start(pool, invocation, name, on_over)?,
            None => BegunInvocation::Plain(Arc::clone(pool), Box::new(invocation), on_over),
        })
    }

    /// Starts an execution of a durable function, or finds the one of this name that has the same event
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html>).
    fn start(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        invocation: Invocation,
        name: Option<&str>,
        on_over: OnOver,
    ) -> Result<BegunInvocation, AlreadyStarted> {
        let input = String::from_utf8_lossy(&invocation.payload).into_owned();
        let execution = {
            let mut all = self.lock();
            if let Some(name) = name {
                let has_name = |it: &&SharedExecution| {
                    let execution = it.borrow();
                    *execution.id.function == *pool.function.name && execution.id.name == name
                };
                if let Some(existing) = all.iter().find(has_name) {
                    let is_same = existing.borrow().input() == input;
                    return is_same
                        .then(|| BegunInvocation::Durable {
                            execution: Arc::clone(existing),
                            is_new: false,
                        })
                        .ok_or(AlreadyStarted);
                }
            }
            let id = ExecutionId::new(&pool.function.name, name);
            let durable = pool.function.durable.as_ref();
            let timeout = durable.map_or(SYNCHRONOUS, |it| it.execution_timeout);
            let execution = Execution::new(id, input, timeout, now());
            let execution = Arc::new(watch::Sender::new(execution));
            all.push(Arc::clone(&execution));
            execution
        };
        let driver = Driver {
            functions: Arc::clone(&self.functions),
            execution: Arc::clone(&execution),
            client_context: invocation.client_context,
            tenant_id: invocation.tenant_id,
            request_id: Some(invocation.request_id),
            on_over,
        };
        let executions = Arc::clone(self);
        tokio::spawn(async move {
            driver.run().await;
            executions.forget_old();
        });
        Ok(BegunInvocation::Durable { execution, is_new: true })
    }

    /// Finds an execution by its ARN.
    pub(crate) fn find(&self, arn: &str) -> Option<SharedExecution> {
        let found = self.lock().iter().find(|it| it.borrow().id.arn == arn).cloned();
        found.inspect(refresh)
    }

    /// Finds the execution that a callback belongs to.
    pub(crate) fn find_callback(&self, id: &str) -> Option<SharedExecution> {
        self.lock().iter().find(|it| it.borrow().callback(id).is_some()).cloned()
    }

    /// The executions of a function, the newest first.
    pub(crate) fn of_function(&self, function: &str) -> Vec<SharedExecution> {
        let all = self.lock();
        let own = all.iter().rev().filter(|it| *it.borrow().id.function == *function);
        own.cloned().inspect(refresh).collect()
    }

    /// Applies a checkpoint, and invokes the functions that it asks for.
    pub(crate) fn checkpoint(
        self: &Arc<Self>,
        execution: &SharedExecution,
        checkpoint: Checkpoint,
    ) -> Result<CheckpointAnswer, String> {
        let deployment = self.functions.deployment();
        let exists = |name: &str| deployment.as_ref().is_some_and(|it| it.named(name).is_some());
        let mut result = Err(String::new());
        execution.send_modify(|execution| {
            result = execution.checkpoint(checkpoint, exists, now());
        });
        let (answer, invocations) = result?;
        for invocation in invocations {
            if let Some(pool) = deployment.as_ref().and_then(|it| it.named(&invocation.function)) {
                let task =
                    chain(Arc::clone(self), Arc::clone(pool), Arc::clone(execution), invocation);
                tokio::spawn(task);
            }
        }
        Ok(answer)
    }

    /// Completes a callback of an execution.
    pub(crate) fn complete_callback(
        execution: &SharedExecution,
        id: &str,
        outcome: OperationOutcome,
    ) -> Result<(), NotOpen> {
        let mut result = Err(NotOpen::Unknown);
        execution.send_modify(|execution| {
            result = execution.complete_callback(id, outcome, now());
        });
        result
    }

    pub(crate) fn heartbeat(execution: &SharedExecution, id: &str) -> Result<(), NotOpen> {
        let mut result = Err(NotOpen::Unknown);
        execution.send_modify(|execution| result = execution.heartbeat(id, now()));
        result
    }

    /// Stops an execution, and returns when it has ended.
    pub(crate) fn stop(execution: &SharedExecution, error: Option<ErrorObject>) -> OffsetDateTime {
        let mut time = now();
        execution.send_modify(|execution| time = execution.stop(error, time));
        time
    }

    /// Drops the oldest of the executions that have ended, if there are too many.
    fn forget_old(&self) {
        let mut all = self.lock();
        let has_ended = |it: &SharedExecution| it.borrow().end.is_some();
        let mut surplus = all.iter().filter(|it| has_ended(it)).count().saturating_sub(MOST_ENDED);
        all.retain(|it| {
            let is_dropped = surplus > 0 && has_ended(it);
            surplus -= usize::from(is_dropped);
            !is_dropped
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SharedExecution>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Applies what time alone has changed.
fn refresh(execution: &SharedExecution) {
    execution.send_if_modified(|execution| execution.advance(now()));
}

/// Invokes another function for an execution, and completes the operation.
async fn chain(
    executions: Arc<Executions>,
    pool: Arc<Pool>,
    execution: SharedExecution,
    chained: ChainedInvocation,
) {
    let mut invocation = Invocation::new(chained.payload, None);
    let id = invocation.request_id.clone();
    invocation.tenant_id = chained.tenant_id.filter(|_| pool.function.isolates_tenants);
    let outcome = match executions.begin(&pool, invocation, None, Box::new(drop)) {
        Ok(BegunInvocation::Durable { execution, .. }) => outcome_of(&execution).await,
        Ok(plain) => match plain.end(None).await.result {
            Ok(FunctionResponse::Buffered(response)) => match String::from_utf8(response.into()) {
                Ok(text) => OperationOutcome::success(Some(text)),
                Err(_) => OperationOutcome::failure(ErrorObject::of_message(
                    "CHAINED_INVOKE response could not be decoded as UTF-8.",
                )),
            },
            // The invocation does not accept one.
            Ok(FunctionResponse::Streamed(_)) => OperationOutcome::success(None),
            Err(error) => OperationOutcome::failure(error_of(&error, &id)),
        },
        // Without a name, no other execution can be in the way.
        Err(AlreadyStarted) => return,
    };
    let outcome = match &outcome.result {
        Some(result) if result.len() > MAX_OPERATION_PAYLOAD => {
            OperationOutcome::failure(ErrorObject::of_message(format!(
                "CHAINED_INVOKE output payload size must be less than or equal to \
                 {MAX_OPERATION_PAYLOAD} bytes."
            )))
        }
        _ => outcome,
    };
    execution.send_modify(|execution| {
        execution.complete_invocation(&chained.operation, outcome, now());
    });
}

/// Waits for the end of an execution that another one has started.
async fn outcome_of(child: &SharedExecution) -> OperationOutcome {
    let mut changes = child.subscribe();
    let Ok(child) = changes.wait_for(|execution| execution.end.is_some()).await else {
        return OperationOutcome::success(None);
    };
    let (result, error) = match &child.end {
        Some(end) => (end.result.clone(), end.error.clone()),
        None => (None, None),
    };
    let status = match child.status() {
        ExecutionStatus::Running | ExecutionStatus::Succeeded => OperationStatus::Succeeded,
        ExecutionStatus::Failed => OperationStatus::Failed,
        ExecutionStatus::TimedOut => OperationStatus::TimedOut,
        ExecutionStatus::Stopped => OperationStatus::Stopped,
    };
    OperationOutcome { status, result, error }
}
