//! Trace ids for clients of the AWS SDK.
//!
//! A request to AWS that a function makes carries the trace id of its invocation. Lambda finds
//! [recursive loops](https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html) by it, such as a function
//! that writes to the queue which invokes it, and X-Ray joins the traces. The SDK takes the id from the environment
//! variable `_X_AMZN_TRACE_ID`. It is not set here, because in Rust it is unsafe to change the environment while other
//! threads can read it. A client with [`TraceIdInterceptor`] has the id from this runtime:
//!
//! ```
//! # mod aws_sdk_sqs {
//! #     pub mod config {
//! #         pub use lambda_native::aws_sdk::TraceIdInterceptor;
//! #         #[derive(Default)]
//! #         pub struct Builder;
//! #         impl Builder {
//! #             pub fn interceptor(self, _: TraceIdInterceptor) -> Self { self }
//! #             pub fn build(self) {}
//! #         }
//! #         impl From<&()> for Builder { fn from(_: &()) -> Self { Self } }
//! #     }
//! #     pub struct Client;
//! #     impl Client { pub fn from_conf(_: ()) -> Self { Self } }
//! # }
//! use lambda_native::aws_sdk::TraceIdInterceptor;
//!
//! # let sdk_config = ();
//! let config = aws_sdk_sqs::config::Builder::from(&sdk_config)
//!     .interceptor(TraceIdInterceptor)
//!     .build();
//! let client = aws_sdk_sqs::Client::from_conf(config);
//! ```

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::context::Context;

/// The header of the trace id, as the SDK itself names it.
const TRACE_ID: &str = "x-amzn-trace-id";

thread_local! {
    /// The trace id of the invocation that this thread handles.
    static OF_THREAD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The trace id for threads that handle no invocation, such as those of tokio's pool.
static OF_PROCESS: Mutex<OfProcess> = Mutex::new(OfProcess { loops: 0, trace_id: None });

struct OfProcess {
    /// The number of event loops.
    loops: usize,
    /// The last trace id of any loop.
    trace_id: Option<String>,
}

/// Adds the trace id of the invocation to each request of a client of the AWS SDK, as the header `x-amzn-trace-id`.
///
/// If the process handles one invocation at a time, tasks on all threads send its trace id. With the feature
/// `concurrency` and several invocations at a time, requests on the thread of the handler do: the handler's own, and
/// those of its tasks unless the tokio runtime has several threads. A header that the request has already stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceIdInterceptor;

impl Intercept for TraceIdInterceptor {
    fn name(&self) -> &'static str {
        "TraceIdInterceptor"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        if let Some(trace_id) = current_trace_id().filter(|_| headers.get(TRACE_ID).is_none()) {
            headers.try_insert(TRACE_ID, trace_id)?;
        }
        Ok(())
    }
}

/// Makes the trace id of this invocation the current one.
pub(crate) fn set_trace_id(context: &Context) {
    OF_THREAD.with_borrow_mut(|it| it.clone_from(&context.trace_id));
    of_process().trace_id.clone_from(&context.trace_id);
}

/// Counts an event loop until it is dropped.
#[derive(Debug)]
pub(crate) struct EventLoop(());

impl EventLoop {
    pub(crate) fn new() -> Self {
        of_process().loops += 1;
        Self(())
    }
}

impl Drop for EventLoop {
    fn drop(&mut self) {
        OF_THREAD.with_borrow_mut(Option::take);
        let mut process = of_process();
        process.loops -= 1;
        process.trace_id = None;
    }
}

fn current_trace_id() -> Option<String> {
    OF_THREAD.with_borrow(Option::clone).or_else(|| {
        let process = of_process();
        process.trace_id.clone().filter(|_| process.loops == 1)
    })
}

fn of_process() -> MutexGuard<'static, OfProcess> {
    OF_PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}
