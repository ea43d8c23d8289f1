//! Hooks around the snapshot of a function with SnapStart.
//!
//! Lambda runs `init` once, takes a snapshot of the machine, and starts each further process of the function from it.
//! Connections that `init` has opened are closed then, credentials can have expired, and what was random is the same
//! in all processes. The hooks close such things before the snapshot and open them again in each process.
//!
//! SnapStart works for container images on `provided.al2023`, with `SnapStart` in the template and in the versions that
//! are published. It does not work for zips. A program with this feature needs no label
//! `com.amazonaws.lambda.feature.snapstart` in its image: that is for programs that do not wait for the snapshot.
//! Everywhere else, no hook runs. `scaffold new --package-type image --snap-start yes` sets a project up.
//!
//! The calls are those of [AWS's documentation](https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html): `restore/next`
//! tells that the process is ready for its snapshot and returns in the restored process, and `restore/error` that the
//! process cannot go on.

use std::env;
use std::mem;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use super::panic;
use crate::context::Context;
use crate::current;
use crate::error::{Error, RuntimeError};
use crate::logging::line::log;
use crate::runtime_api::Client;
use crate::runtime_api::request::Endpoint;

type Hook = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// The hooks, in the order in which they were added.
static BEFORE: Mutex<Vec<Hook>> = Mutex::new(Vec::new());
static AFTER: Mutex<Vec<Hook>> = Mutex::new(Vec::new());

/// Tells whether Lambda takes a snapshot of this process: `AWS_LAMBDA_INITIALIZATION_TYPE` is `snap-start`.
#[must_use]
pub fn is_enabled() -> bool {
    env::var("AWS_LAMBDA_INITIALIZATION_TYPE").is_ok_and(|kind| kind == "snap-start")
}

/// Runs `hook` before Lambda takes the snapshot. Call it in `init`.
///
/// The last hook runs first, so that what is built on other things is closed before them. If a hook fails, Lambda gets
/// its error as one of `init`, and the process ends.
pub fn before_snapshot(hook: impl Future<Output = Result<(), Error>> + Send + 'static) {
    add(&BEFORE, hook);
}

/// Runs `hook` in each process that Lambda starts from the snapshot, before its first event. Call it in `init`.
///
/// The hooks run in the order in which they were added. If one fails, Lambda gets its error, and the process ends.
///
/// ```no_run
/// use std::process::ExitCode;
/// use std::sync::{Arc, Mutex};
/// use std::time::Instant;
///
/// use lambda_native::{Context, handler_fn, snap_start, start_with};
///
/// fn main() -> ExitCode {
///     start_with(async || {
///         let started = Arc::new(Mutex::new(Instant::now()));
///         let restored = Arc::clone(&started);
///         snap_start::after_restore(async move {
///             *restored.lock().unwrap() = Instant::now();
///             Ok(())
///         });
///         Ok(handler_fn(async move |_: (), _: &Context| Ok(started.lock().unwrap().elapsed().as_secs())))
///     })
/// }
/// ```
pub fn after_restore(hook: impl Future<Output = Result<(), Error>> + Send + 'static) {
    add(&AFTER, hook);
}

fn add(hooks: &Mutex<Vec<Hook>>, hook: impl Future<Output = Result<(), Error>> + Send + 'static) {
    hooks.lock().unwrap_or_else(PoisonError::into_inner).push(Box::pin(hook));
}

fn take(hooks: &Mutex<Vec<Hook>>) -> Vec<Hook> {
    mem::take(&mut *hooks.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Runs the hooks and waits for the snapshot in between, if Lambda takes one.
///
/// # Errors
/// If a hook fails, after its error was reported to Lambda, or if the Runtime API does not answer as expected.
pub(crate) async fn pass(endpoint: &Endpoint, context: &Context) -> Result<(), RuntimeError> {
    if !is_enabled() {
        return Ok(());
    }
    let before = take(&BEFORE).into_iter().rev();
    run(before, "init/error", endpoint, context).await?;
    // This connection does not outlive the snapshot. Each loop opens one of its own after it.
    Client::connect(endpoint)?.restore_next().await?;
    let call = "restore/error";
    current::with(|current| current.start_failure = call);
    run(take(&AFTER), call, endpoint, context).await
}

/// Runs hooks one after the other. The first that fails is reported with `call`.
async fn run(
    hooks: impl IntoIterator<Item = Hook>,
    call: &'static str,
    endpoint: &Endpoint,
    context: &Context,
) -> Result<(), RuntimeError> {
    for hook in hooks {
        if let Err(error) = panic::catch(context, hook).await {
            let reported = Client::connect(endpoint)?.fail_start(call, &error).await;
            log("", &error);
            return Err(reported.err().unwrap_or_else(RuntimeError::init));
        }
    }
    Ok(())
}
