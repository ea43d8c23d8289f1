//! Ctrl-C: what is half-made is undone, and what was started is ended.

use std::io;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and a request to terminate do not end the process: [`check`] tells of them.
pub(crate) fn watch() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))
        .map_err(|error| Error::new("cannot watch for Ctrl-C").because(error))
}

/// Fails once the user has interrupted.
pub(crate) fn check() -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) { Err(Error::interrupted()) } else { Ok(()) }
}

/// As [`check`], with the end of a child, to which a terminal sends the same signal.
pub(crate) fn check_child(status: ExitStatus) -> Result<()> {
    if ended_by_request(status) { Err(Error::interrupted()) } else { check() }
}

#[cfg(unix)]
fn ended_by_request(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;

    const SIGHUP: i32 = 1;
    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;
    matches!(status.signal(), Some(SIGHUP | SIGINT | SIGTERM))
}

#[cfg(not(unix))]
fn ended_by_request(_: ExitStatus) -> bool {
    false
}

/// Runs `work` until it is done, or until the user, or the system, wants the program to end: what
/// runs then is dropped, and ends its processes.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let cannot_start = |error: io::Error| Error::new("cannot start").because(error);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot_start)?;
    runtime.block_on(async {
        let interrupted = interrupted().map_err(cannot_start)?;
        tokio::select! {
            biased;
            () = interrupted => Err(Error::interrupted()),
            result = work => result,
        }
    })
}

fn interrupted() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
