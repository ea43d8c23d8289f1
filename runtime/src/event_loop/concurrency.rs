//! Several invocations at a time in one process, for Lambda Managed Instances.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, RuntimeFlavor};
use tokio::sync::mpsc;

use super::run_loop;
use crate::context::Context;
use crate::error::{RuntimeError, WithCauses};
use crate::handler::Handler;
use crate::logging::line::{info, log, warn};
use crate::runtime_api::request::Endpoint;

/// The number of times in a row that a loop is started again after an error, without an event in
/// between.
const RETRIES: u32 = 5;
/// The time before the first retry. It doubles with each.
const FIRST_DELAY: Duration = Duration::from_millis(100);

/// The stack of a slot's thread, as large as that of the main thread, which is the first slot.
const STACK_SIZE: usize = 8 * 1024 * 1024;

/// Handles as many invocations at a time as there are `slots`, each on its own thread and connection, so
/// one that blocks does not hold up the others, and futures need not be `Send`.
///
/// A slot whose function computes does not stall the connections of the others. Under a tokio runtime with several
/// threads, which drives all connections, a function that blocks holds up those of the threads that it keeps busy.
///
/// # Errors
/// If the operating system provides no more threads, or the last of the loops has given up.
pub(crate) async fn run_loops<H: Handler>(
    handler: H,
    slots: NonZeroUsize,
    endpoint: &Endpoint,
    context: &Context,
) -> Result<Infallible, RuntimeError> {
    if cfg!(panic = "abort") {
        warn(
            "a panic ends all invocations of this process, which is built with `panic = \"abort\"`\n\
             hint: set `panic = \"unwind\"` in the profile",
        );
    }
    let slot = Slot {
        handler: Arc::new(handler),
        endpoint: endpoint.clone(),
        context: context.clone(),
        alive: Arc::new(AtomicUsize::new(slots.get())),
    };
    info(&format!("{slots} invocations at a time"));
    let handle = Handle::current();
    let (sender, mut last_error) = mpsc::unbounded_channel();
    for number in 1..slots.get() {
        let (slot, handle, sender) = (slot.clone(), handle.clone(), sender.clone());
        thread::Builder::new()
            .name(format!("slot-{number}"))
            .stack_size(STACK_SIZE)
            .spawn(move || {
                if let Some(error) = slot.run_on_this_thread(&handle) {
                    // It fails only if nobody waits for it.
                    let _ = sender.send(error);
                }
            })
            .map_err(RuntimeError::no_async_runtime)?;
    }
    match slot.run().await {
        Some(error) => Err(error),
        None => match last_error.recv().await {
            Some(error) => Err(error),
            // `sender` exists, so there is an error some time.
            None => std::future::pending().await,
        },
    }
}

/// A loop that handles one invocation at a time.
struct Slot<H> {
    handler: Arc<H>,
    endpoint: Endpoint,
    context: Context,
    /// The number of loops that have not given up.
    alive: Arc<AtomicUsize>,
}

impl<H> Clone for Slot<H> {
    fn clone(&self) -> Self {
        Self {
            handler: Arc::clone(&self.handler),
            endpoint: self.endpoint.clone(),
            context: self.context.clone(),
            alive: Arc::clone(&self.alive),
        }
    }
}

impl<H: Handler> Slot<H> {
    /// Runs the loop in an async runtime like that of `handle`. Returns as [`run`](Self::run) does.
    fn run_on_this_thread(self, handle: &Handle) -> Option<RuntimeError> {
        match handle.runtime_flavor() {
            RuntimeFlavor::CurrentThread => {
                match Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime.block_on(self.run()),
                    Err(error) => Some(RuntimeError::no_async_runtime(error)),
                }
            }
            _ => handle.block_on(self.run()),
        }
    }

    /// Runs the loop, and starts it again if it fails, so that one error of the Runtime API does not end
    /// the invocations of the other slots. Gives up after several errors in a row. Returns the error if
    /// this was the last loop.
    async fn run(mut self) -> Option<RuntimeError> {
        let mut failures = 0;
        loop {
            self.context.request_id.clear();
            let Err(error) = run_loop(&*self.handler, &self.endpoint, &mut self.context).await;
            if !self.context.request_id.is_empty() {
                failures = 0;
            }
            if failures == RETRIES {
                if self.alive.fetch_sub(1, Ordering::Relaxed) == 1 {
                    return Some(error);
                }
                log("", &WithCauses(&error));
                return None;
            }
            log("", &WithCauses(&error));
            tokio::time::sleep(FIRST_DELAY * 2_u32.pow(failures)).await;
            failures += 1;
        }
    }
}
