//! Panics of a function, reported to Lambda like its errors.
//!
//! If panics unwind, the invocation fails and the loop goes on. If they abort, the panic hook reports
//! the error before the process dies.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

use crate::context::Context;
use crate::current::{self, CurrentInvocation};
use crate::error::Error;
use crate::logging::line::log;
use crate::runtime_api::error_report::report_blocking;
use crate::runtime_api::request::Endpoint;
use crate::runtime_api::stream::end_blocking;

/// Makes the panics of this thread go to the Runtime API at `endpoint` while the function's code runs.
/// All others stay with the hook that is already there.
pub(crate) fn report_to(endpoint: &Endpoint) {
    static HOOK: Once = Once::new();
    current::with(|current| current.endpoint = Some(endpoint.clone()));
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let report_once = |current: &mut CurrentInvocation| {
                if !current.is_reported {
                    report(info, current);
                }
            };
            let seen = current::with(|current| current.is_running.then(|| report_once(current)));
            if seen.flatten().is_none() {
                previous(info);
            }
        }));
    });
}

/// Keeps panics reported if `init` has installed a hook of its own. That hook runs after the report.
pub(crate) fn report_beside_the_hook_of_init() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        // The hook of `report_to`, or one of `init`, which possibly calls that one.
        let installed = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            current::with(|current| {
                if current.is_running {
                    report(info, current);
                    current.is_reported = true;
                }
            });
            installed(info);
            current::with(|current| current.is_reported = false);
        }));
    });
}

/// Keeps a panic for the loop. If the process is about to die, reports it to Lambda and logs it.
fn report(info: &PanicHookInfo<'_>, current: &mut CurrentInvocation) {
    let mut error = panic_error(info.payload());
    if let Some(location) = info.location() {
        error.add_cause(format!("at {location}"));
    }
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        backtrace.to_string().lines().for_each(|line| error.add_cause(line.trim().to_owned()));
    }
    if cfg!(panic = "abort") {
        let call = match current.request_id.as_str() {
            "" => current.start_failure.to_owned(),
            id => format!("invocation/{id}/error"),
        };
        // The process ends whether or not they succeed.
        if let Some(stream) = current.stream.take() {
            let _ = end_blocking(stream, &error);
        } else if let Some(endpoint) = &current.endpoint {
            let _ = report_blocking(endpoint, &call, current.invocation_id.as_deref(), &error);
        }
        log(&current.request_id, &error);
    } else if let Some(survived) = current.panic.replace(error) {
        log(&current.request_id, &survived);
    }
}

fn panic_error(payload: &dyn Any) -> Error {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    Error::new("Panic", message.unwrap_or("a value that is not text"))
}

/// Runs code of the function: its `init`, or its handler for the invocation of `context`. A panic that
/// unwinds becomes an error; one that the function survives is logged.
pub(crate) async fn catch<T>(
    context: &Context,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    current::with(|current| {
        current.is_running = true;
        context.request_id.clone_into(&mut current.request_id);
        current.invocation_id.clone_from(&context.invocation_id);
        current.panic = None;
    });
    let mut call = pin!(call);
    let result = poll_fn(|task| {
        let poll = panic::catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(task)));
        let panic = current::with(|current| current.panic.take()).flatten();
        match poll {
            Ok(poll) => {
                if let Some(survived) = panic {
                    log(&context.request_id, &survived);
                }
                poll
            }
            // There is none if the function has replaced the hook.
            Err(payload) => Poll::Ready(Err(panic.unwrap_or_else(|| panic_error(&*payload)))),
        }
    })
    .await;
    current::with(|current| current.is_running = false);
    result
}

/// Runs code of the function for one record of a batch, within [`catch`]. A panic that unwinds becomes an error.
#[cfg(feature = "events")]
pub(crate) async fn catch_record(
    call: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    let mut call = pin!(call);
    poll_fn(|task| match panic::catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(task))) {
        Ok(poll) => poll,
        Err(payload) => {
            let panic = current::with(|current| current.panic.take()).flatten();
            Poll::Ready(Err(panic.unwrap_or_else(|| panic_error(&*payload))))
        }
    })
    .await
}

/// Runs code of the function after the response is sent. A panic that unwinds becomes an error. It is not one of
/// the invocation, so the hook that was there before has printed where it happened.
pub(crate) async fn catch_after(hook: impl Future<Output = ()>) -> Result<(), Error> {
    let mut hook = pin!(hook);
    poll_fn(|task| match panic::catch_unwind(AssertUnwindSafe(|| hook.as_mut().poll(task))) {
        Ok(poll) => poll.map(Ok),
        Err(payload) => Poll::Ready(Err(panic_error(&*payload))),
    })
    .await
}
