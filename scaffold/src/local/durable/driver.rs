//! Runs one execution: invokes the function, and waits until it can go on.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;

use super::envelope::{EnvelopeResponse, error_of};
use super::execution::{Execution, Next};
use super::functions::Functions;
use super::operation::ErrorObject;
use super::report;
use crate::local::lambda::{FunctionResponse, Invocation, InvocationDetails, Invoked};

/// An execution, and what waits for its changes.
pub(crate) type SharedExecution = Arc<watch::Sender<Execution>>;

/// Takes the log and the figures of an invocation that is over.
pub(crate) type OnOver = Box<dyn FnOnce(InvocationDetails) + Send>;

/// The task of one execution.
pub(super) struct Driver {
    pub(super) functions: Arc<Functions>,
    pub(super) execution: SharedExecution,
    /// The client context that the caller has sent.
    pub(super) client_context: Option<String>,
    /// The tenant for whom the execution runs.
    pub(super) tenant_id: Option<String>,
    /// The id of the first invocation.
    pub(super) request_id: Option<String>,
    /// Takes the log and the figures of the last invocation.
    pub(super) on_over: OnOver,
}

/// The end of an invocation.
enum Finished {
    Responded(Invoked),
    NoFunction,
}

impl Driver {
    /// Runs the execution to its end.
    pub(super) async fn run(mut self) {
        let mut changes = self.execution.subscribe();
        let mut details = None;
        let mut is_suspended = false;
        self.log("started");
        loop {
            changes.mark_unchanged();
            let mut next = Next::Ended;
            let mut resumed = None;
            self.execution.send_if_modified(|execution| {
                execution.advance(now());
                resumed = Some(report::resumed(execution));
                next = execution.next(now());
                !matches!(next, Next::Wait(_))
            });
            match next {
                Next::Ended => break,
                Next::Wait(until) => {
                    // After a failed invocation, the log has the time of the next one.
                    let is_repeated = self.execution.borrow().retry.is_some();
                    if !is_repeated && !std::mem::replace(&mut is_suspended, true) {
                        let text = report::suspended(&self.execution.borrow());
                        self.log(&text);
                    }
                    wait(&mut changes, until).await;
                }
                Next::Invoke(event) => {
                    if std::mem::replace(&mut is_suspended, false)
                        && let Some(resumed) = resumed
                    {
                        self.log(&resumed);
                    }
                    details = self.invoke(event, &mut changes).await;
                }
            }
        }
        let text = report::ended(&self.execution.borrow());
        self.log(&text);
        let details = match details {
            Some(details) => details.await.unwrap_or_default(),
            None => InvocationDetails::default(),
        };
        (self.on_over)(details);
    }

    /// Invokes the function once. Returns what receives the log and the figures of the invocation, unless the
    /// execution has ended before it.
    async fn invoke(
        &mut self,
        event: hyper::body::Bytes,
        changes: &mut watch::Receiver<Execution>,
    ) -> Option<oneshot::Receiver<InvocationDetails>> {
        let started = now();
        let deadline = self.execution.borrow().deadline();
        let (sender, details) = oneshot::channel();
        let mut invocation = Invocation::new(event, None);
        if let Some(id) = self.request_id.take() {
            invocation.request_id = id;
        }
        let id = invocation.request_id.clone();
        invocation.client_context.clone_from(&self.client_context);
        invocation.tenant_id.clone_from(&self.tenant_id);
        let invoke = async {
            let function = Arc::clone(&self.execution.borrow().id.function);
            match self.functions.pool(&function).await {
                Some(pool) => {
                    // Sending fails if nobody wants the details.
                    let on_over = move |details| drop(sender.send(details));
                    Finished::Responded(pool.invoke(invocation, on_over).await)
                }
                None => Finished::NoFunction,
            }
        };
        let finished = tokio::select! {
            finished = invoke => finished,
            // The invocation runs to its end, and its checkpoints are refused.
            _ = changes.wait_for(|execution| execution.end.is_some()) => return None,
            () = sleep(until(deadline)) => return None,
        };
        let (response, is_cold) = match finished {
            Finished::NoFunction => {
                let message = "the project has no such function any more";
                let error = ErrorObject::new("ResourceNotFoundException", message);
                self.execution.send_modify(|execution| execution.fail(error, now()));
                return None;
            }
            Finished::Responded(Invoked { result, is_cold, .. }) => (
                match result {
                    Ok(FunctionResponse::Buffered(response)) => {
                        Ok(EnvelopeResponse::parse(&response))
                    }
                    // The invocation does not accept one.
                    Ok(FunctionResponse::Streamed(_)) => {
                        Ok(Err("The response is streamed.".to_owned()))
                    }
                    Err(error) => Err(error_of(&error, &id)),
                },
                is_cold,
            ),
        };
        let mut retry = None;
        self.execution.send_modify(|execution| {
            execution.is_cold |= is_cold;
            let error = response.as_ref().err();
            execution.record_invocation(&id, error, [started, now()]);
            execution.finish(response, now());
            retry.clone_from(&execution.retry);
        });
        if let Some(retry) = retry {
            self.log(&report::retry(&retry));
        }
        Some(details)
    }

    fn log(&self, text: &str) {
        let id = self.execution.borrow().id.clone();
        self.functions.note(&id.function, format_args!("execution {} {text}", id.name));
    }
}

/// Waits for a change, or until this time.
async fn wait(changes: &mut watch::Receiver<Execution>, time: Option<OffsetDateTime>) {
    let timer = async {
        match time {
            Some(time) => sleep(until(time)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // Waiting fails only without the sender, and the driver has it.
        _ = changes.changed() => {}
        () = timer => {}
    }
}

pub(super) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// The time from now until then.
fn until(time: OffsetDateTime) -> Duration {
    Duration::try_from(time - now()).unwrap_or_default()
}
