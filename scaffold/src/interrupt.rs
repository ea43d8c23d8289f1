//! Ctrl-C while something half-made is on the disk: noted, and acted on where it can be undone.

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
