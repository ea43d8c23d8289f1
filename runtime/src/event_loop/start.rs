//! Starting a function: its async runtime, its `init`, its loops.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::runtime::Builder;

use super::{panic, run_loop};
use crate::context::{Context, FunctionInfo};
use crate::error::{Error, RuntimeError};
use crate::handler::Handler;
#[cfg(not(feature = "concurrency"))]
use crate::logging::line::warn;
use crate::logging::line::{log, report};
use crate::runtime_api::Client;
use crate::runtime_api::request::Endpoint;

/// Runs `handler` on a tokio runtime with one thread. A program without the macro calls it in `main`.
///
/// It returns only if the function cannot go on, after printing the reason to standard error.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::{Context, handler_fn};
///
/// fn main() -> ExitCode {
///     lambda_native::start(handler_fn(async |text: String, _: &Context| Ok(text.to_uppercase())))
/// }
/// ```
pub fn start(handler: impl Handler) -> ExitCode {
    start_with(async || Ok(handler))
}

/// Like [`start`], with a handler that `init` makes once, before the first event, while Lambda still
/// grants the full CPU.
///
/// All invocations share what the handler holds: clients, tables, secrets. If `init` fails, Lambda
/// gets its error and the process ends.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::{Context, Error, handler_fn};
///
/// async fn init() -> Result<u64, Error> {
///     Ok(std::env::var("FACTOR")?.parse()?)
/// }
///
/// fn main() -> ExitCode {
///     lambda_native::start_with(async || {
///         let factor = init().await?;
///         Ok(handler_fn(async move |number: u64, _: &Context| Ok(number * factor)))
///     })
/// }
/// ```
pub fn start_with<H: Handler>(init: impl AsyncFnOnce() -> Result<H, Error>) -> ExitCode {
    start_on(&mut Builder::new_current_thread(), init)
}

/// Like [`start_with`], on a tokio runtime with `worker_threads` threads beside the first, for
/// functions that spawn tasks; `None` means one for each CPU.
#[cfg(feature = "multi-thread")]
pub fn start_multi_thread_with<H: Handler>(
    worker_threads: Option<NonZeroUsize>,
    init: impl AsyncFnOnce() -> Result<H, Error>,
) -> ExitCode {
    let mut builder = Builder::new_multi_thread();
    if let Some(count) = worker_threads {
        builder.worker_threads(count.get());
    }
    start_on(&mut builder, init)
}

fn start_on<H: Handler>(
    builder: &mut Builder,
    init: impl AsyncFnOnce() -> Result<H, Error>,
) -> ExitCode {
    match builder.enable_all().build() {
        Ok(runtime) => {
            let Err(error) = runtime.block_on(run_with(init));
            report(&error);
            // Dropping it would wait for the blocking tasks of the function.
            runtime.shutdown_background();
        }
        Err(error) => report(&RuntimeError::no_async_runtime(error)),
    }
    ExitCode::FAILURE
}

/// Gets invocations from the Runtime API at `AWS_LAMBDA_RUNTIME_API` and passes them to `handler`,
/// one after the other, as long as the process lives.
///
/// It needs a tokio runtime with I/O enabled and, with the feature `concurrency`, time. [`start`] makes
/// one.
///
/// # Errors
/// If the loop cannot go on: the variable is not set, or the Runtime API is unreachable, sends an
/// unexpected response, or reports that its state is not recoverable. An [`Error`] of the handler does
/// not end the loop.
pub async fn run(handler: impl Handler) -> Result<Infallible, RuntimeError> {
    run_with(async || Ok(handler)).await
}

/// Like [`run`], with a handler that `init` makes, as in [`start_with`].
///
/// # Errors
/// As [`run`], and if `init` fails, after its error was reported to Lambda.
pub async fn run_with<H: Handler>(
    init: impl AsyncFnOnce() -> Result<H, Error>,
) -> Result<Infallible, RuntimeError> {
    let endpoint = Endpoint::from_env()?;
    panic::report_to(&endpoint);
    let mut context = Context::of(Arc::new(FunctionInfo::from_env()));
    let handler = match panic::catch(&context, init()).await {
        Ok(handler) => {
            panic::report_beside_the_hook_of_init();
            handler
        }
        Err(error) => {
            let reported = report_init(&endpoint, &error).await;
            log("", &error);
            return Err(reported.err().unwrap_or_else(RuntimeError::init));
        }
    };
    #[cfg(feature = "snap-start")]
    super::snap_start::pass(&endpoint, &context).await?;
    if let Some(slots) = slots() {
        #[cfg(feature = "concurrency")]
        return super::concurrency::run_loops(handler, slots, &endpoint, &context).await;
        #[cfg(not(feature = "concurrency"))]
        warn(&format!(
            "Lambda offers {slots} invocations at a time, and this process takes one after the other\n\
             hint: add the feature `concurrency` to `lambda-native` in `Cargo.toml`"
        ));
    }
    run_loop(&handler, &endpoint, &mut context).await
}

/// Returns `AWS_LAMBDA_MAX_CONCURRENCY`, if it is more than 1: Lambda Managed Instances set it.
fn slots() -> Option<NonZeroUsize> {
    let value = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok()?;
    value.parse().ok().filter(|slots: &NonZeroUsize| slots.get() > 1)
}

async fn report_init(endpoint: &Endpoint, error: &Error) -> Result<(), RuntimeError> {
    Client::connect(endpoint)?.fail_start("init/error", error).await
}
