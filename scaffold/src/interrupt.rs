//! Ctrl-C: what is half-made is undone, and what was started is ended.

use std::path::PathBuf;
use std::process::{self, ExitStatus};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, io};

use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::prompt;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether the program waits for the user: then nothing is half-made but temporary folders.
static WAITING: AtomicBool = AtomicBool::new(false);

static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From here on Ctrl-C and a request to terminate do not end the process: [`check`] tells of them.
pub(crate) fn watch() -> Result<()> {
    let handle = || {
        INTERRUPTED.store(true, Ordering::Relaxed);
        if WAITING.load(Ordering::Relaxed) {
            if let Ok(folders) = FOLDERS.lock() {
                for folder in &*folders {
                    // What cannot be removed cannot be told of either: the screen is a prompt's.
                    let _ = fs::remove_dir_all(folder);
                }
            }
            prompt::restore_terminal();
            Error::interrupted().report();
            process::exit(130);
        }
    };
    ctrlc::set_handler(handle).map_err(|error| Error::new("cannot watch for Ctrl-C").because(error))
}

/// Waits for the user, where a signal ends the process at once.
pub(crate) fn while_waiting<T>(wait: impl FnOnce() -> Result<T>) -> Result<T> {
    check()?;
    WAITING.store(true, Ordering::Relaxed);
    let answer = wait();
    WAITING.store(false, Ordering::Relaxed);
    answer
}

/// A folder in the system's place for such, removed when dropped or when a signal ends the process.
pub(crate) fn temporary_folder(what: &str) -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("scaffold-").tempdir().map_err(|error| {
        Error::new(format!("cannot make a folder for the {what}")).because(error)
    })?;
    if let Ok(mut folders) = FOLDERS.lock() {
        folders.push(folder.path().to_owned());
    }
    Ok(folder)
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

#[cfg(windows)]
fn ended_by_request(status: ExitStatus) -> bool {
    const STATUS_CONTROL_C_EXIT: u32 = 0xc000_013a;
    status.code() == Some(STATUS_CONTROL_C_EXIT.cast_signed())
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
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        let mut interrupt = ctrl_c()?;
        let mut stop = ctrl_break()?;
        let mut close = ctrl_close()?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = stop.recv() => {}
                _ = close.recv() => {}
            }
        })
    }
}
