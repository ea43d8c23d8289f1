//! Panics of a function, reported to Lambda like its errors.
//!
//! Where panics unwind, the invocation fails and the loop goes on. Where they abort, the failure is
//! reported from the panic hook, before the process dies.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

use crate::client::{self, ReplyTo};
use crate::log::log;
use crate::{Context, Failure};

thread_local! {
    /// What this thread is doing.
    static CURRENT: RefCell<Current> = const { RefCell::new(Current::none()) };
}

struct Current {
    /// Where the Runtime API is.
    api: String,
    /// Whether the code of the function runs.
    busy: bool,
    /// The invocation that is answered; empty before the first.
    request_id: String,
    invocation_id: Option<String>,
    /// The last panic.
    panic: Option<Failure>,
}

impl Current {
    const fn none() -> Self {
        Self {
            api: String::new(),
            busy: false,
            request_id: String::new(),
            invocation_id: None,
            panic: None,
        }
    }
}

/// Has panics reported to the Runtime API at `api`, as far as they happen on this thread
/// while the function runs; all others stay with the hook that is there.
pub(crate) fn report_to(api: &str) {
    static HOOK: Once = Once::new();
    CURRENT.with_borrow_mut(|current| api.clone_into(&mut current.api));
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let seen = CURRENT.with(|current| {
                let mut current = current.try_borrow_mut().ok()?;
                current.busy.then(|| report(info, &mut current))
            });
            if seen.is_none() {
                previous(info);
            }
        }));
    });
}

/// Calls `f` with the id of the request that this thread answers, if it does.
#[cfg(feature = "tracing")]
pub(crate) fn with_request_id<T>(f: impl FnOnce(&str) -> T) -> Option<T> {
    CURRENT.with(|current| {
        let current = current.try_borrow().ok()?;
        (current.busy && !current.request_id.is_empty()).then(|| f(&current.request_id))
    })
}

/// Logs a panic, keeps it for the loop, and where the process is about to die tells Lambda.
fn report(info: &PanicHookInfo<'_>, current: &mut Current) {
    let mut failure = failure(info.payload());
    if let Some(location) = info.location() {
        failure.add_cause(format!("at {location}"));
    }
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        backtrace.to_string().lines().for_each(|line| failure.add_cause(line.trim().to_owned()));
    }
    log(&current.request_id, &failure);
    if cfg!(panic = "abort") {
        let to = ReplyTo {
            request_id: &current.request_id,
            invocation_id: current.invocation_id.as_deref(),
        };
        // The process ends whether it can be reported or not.
        let _ = client::fail_at_once(&current.api, to, &failure);
    }
    current.panic = Some(failure);
}

fn failure(payload: &dyn Any) -> Failure {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    Failure::new("Panic", message.unwrap_or("a value that is not text"))
}

/// Runs code of the function: its `init`, or for an event that `context` belongs to. A panic, where
/// it unwinds, is its failure; every failure is logged.
pub(crate) async fn catch<T>(
    context: &Context,
    call: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    CURRENT.with_borrow_mut(|current| {
        current.busy = true;
        context.request_id.clone_into(&mut current.request_id);
        current.invocation_id.clone_from(&context.invocation_id);
        current.panic = None;
    });
    let mut call = pin!(call);
    let result = poll_fn(|task| {
        match panic::catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(task))) {
            Ok(Poll::Ready(Err(failure))) => {
                log(&context.request_id, &failure);
                Poll::Ready(Err(failure))
            }
            Ok(poll) => poll,
            // The hook has logged it, unless the function has put one of its own in its place.
            Err(payload) => {
                let seen = CURRENT.with_borrow_mut(|current| current.panic.take());
                Poll::Ready(Err(seen.unwrap_or_else(|| failure(&*payload))))
            }
        }
    })
    .await;
    CURRENT.with_borrow_mut(|current| current.busy = false);
    result
}
