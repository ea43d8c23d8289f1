//! Several invocations at a time in one process, as Lambda's managed instances ask for.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Handle, RuntimeFlavor};

use crate::invoke::answer_events;
use crate::{Context, Error, Handler};

/// Starts the invocations that run beside the first, as many as `AWS_LAMBDA_MAX_CONCURRENCY` says.
///
/// Each is a thread with its own connection and its own loop, so that one that blocks or fails
/// holds up none, and that futures need not be `Send`. What ends one loop ends the process.
///
/// # Errors
/// The operating system gives no more threads.
pub(crate) fn start_others<H: Handler>(
    handler: &Arc<H>,
    api: &str,
    context: &Context,
) -> Result<(), Error> {
    let handle = Handle::current();
    for slot in 1..max_concurrency() {
        let (handler, api) = (Arc::clone(handler), api.to_owned());
        let (context, handle) = (context.clone(), handle.clone());
        let answer = move || {
            let events = answer_events(&*handler, &api, context);
            let error = match handle.runtime_flavor() {
                RuntimeFlavor::CurrentThread => {
                    match Builder::new_current_thread().enable_all().build() {
                        Ok(runtime) => runtime.block_on(events),
                        Err(error) => Err(Error::runtime(error)),
                    }
                }
                _ => handle.block_on(events),
            };
            let Err(error) = error;
            error.report();
            std::process::exit(1);
        };
        thread::Builder::new()
            .name(format!("slot-{slot}"))
            .spawn(answer)
            .map_err(Error::runtime)?;
    }
    Ok(())
}

/// What `AWS_LAMBDA_MAX_CONCURRENCY` says: 1 where it does not.
fn max_concurrency() -> usize {
    let value = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok();
    value.and_then(|value| value.parse().ok()).map_or(1, NonZeroUsize::get)
}
