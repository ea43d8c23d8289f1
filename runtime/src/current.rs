//! The invocation that the current thread handles, for code that cannot take it as an argument: the
//! panic hook and the log.

use std::cell::RefCell;
use std::net::TcpStream;

use crate::error::Error;
use crate::runtime_api::request::Endpoint;

thread_local! {
    static CURRENT: RefCell<CurrentInvocation> = const { RefCell::new(CurrentInvocation::none()) };
}

/// The state of a thread.
pub(crate) struct CurrentInvocation {
    /// The address of the Runtime API, once it is known.
    pub(crate) endpoint: Option<Endpoint>,
    /// The function's code is running, its `init` or its handler.
    pub(crate) is_running: bool,
    /// The call that reports a failure before the first event.
    pub(crate) start_failure: &'static str,
    /// Empty before the first event.
    pub(crate) request_id: String,
    pub(crate) invocation_id: Option<String>,
    /// The socket of a response that is streamed, between two chunks. Only if panics abort.
    pub(crate) stream: Option<TcpStream>,
    /// The last panic.
    pub(crate) panic: Option<Error>,
    /// A panic hook has reported the panic, and calls the others.
    pub(crate) is_reported: bool,
}

impl CurrentInvocation {
    const fn none() -> Self {
        Self {
            endpoint: None,
            is_running: false,
            start_failure: "init/error",
            request_id: String::new(),
            invocation_id: None,
            stream: None,
            panic: None,
            is_reported: false,
        }
    }
}

/// Calls `f` with the state of this thread. Returns `None` if another `f` is using it, as in a panic
/// within `f`, or if the thread is ending.
pub(crate) fn with<T>(f: impl FnOnce(&mut CurrentInvocation) -> T) -> Option<T> {
    let borrowed = CURRENT.try_with(|current| Some(f(&mut *current.try_borrow_mut().ok()?)));
    borrowed.ok().flatten()
}
