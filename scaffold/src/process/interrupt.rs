//! Interrupts: Ctrl-C, and the system's requests to end the program. Unfinished work is removed, and
//! child processes are stopped.
//!
//! One thread waits for interrupts. While the program waits for the user at a prompt, that thread ends
//! the process. Otherwise [`block_on`] drops its future, and [`check`] fails.

#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::pin::pin;
use std::process::{self, ExitStatus};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::{fs, io, thread};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use crate::term::error::{Error, Result};
use crate::term::{message, terminal};

static STATE: Mutex<State> =
    Mutex::new(State { is_interrupted: false, is_at_prompt: false, folders: Vec::new() });

/// Wakes [`block_on`].
static INTERRUPT: Notify = Notify::const_new();

#[derive(Debug)]
struct State {
    is_interrupted: bool,
    /// The program waits for the user, and has no unfinished work except `folders`.
    is_at_prompt: bool,
    /// Temporary folders, which are not dropped when the process exits.
    folders: Vec<PathBuf>,
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interrupt does not end the process by itself.
pub(crate) fn watch() -> Result<()> {
    static WATCHED: Once = Once::new();
    let mut watched = Ok(());
    WATCHED.call_once(|| watched = start_thread());
    watched.map_err(|error| Error::new("cannot watch for Ctrl-C").because(error))
}

fn start_thread() -> io::Result<()> {
    // tokio panics if it cannot open its own socket pair. All of its files are fewer than these.
    #[cfg(unix)]
    drop([UnixStream::pair()?, UnixStream::pair()?, UnixStream::pair()?]);
    let runtime = runtime()?;
    // Interrupts are received from here on, and not only once the thread runs.
    let mut next_signal = {
        let _context = runtime.enter();
        signals()?
    };
    let thread = thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        loop {
            runtime.block_on(next_signal());
            handle();
        }
    });
    thread.map(drop)
}

fn handle() {
    let mut state = state();
    state.is_interrupted = true;
    INTERRUPT.notify_one();
    if state.is_at_prompt {
        for folder in &state.folders {
            // A failure cannot be reported while a prompt is on the screen.
            let _ = fs::remove_dir_all(folder);
        }
        terminal::restore();
        message::report(&Error::interrupted());
        process::exit(130);
    }
}

/// Waits for the user, while an interrupt ends the process at once.
pub(crate) fn while_waiting<T>(wait: impl FnOnce() -> Result<T>) -> Result<T> {
    {
        let mut state = state();
        if state.is_interrupted {
            return Err(Error::interrupted());
        }
        terminal::remember();
        state.is_at_prompt = true;
    }
    let answer = wait();
    state().is_at_prompt = false;
    answer
}

/// Creates a folder in the system's folder for temporary files. It is removed when it is dropped, and
/// when an interrupt ends the process.
pub(crate) fn temporary_folder(what: &str) -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("scaffold-").tempdir().map_err(|error| {
        Error::new(format!("cannot create a temporary folder for the {what}")).because(error)
    })?;
    state().folders.push(folder.path().to_owned());
    Ok(folder)
}

/// Fails if there has been an interrupt.
pub(crate) fn check() -> Result<()> {
    if state().is_interrupted { Err(Error::interrupted()) } else { Ok(()) }
}

/// Fails if there has been an interrupt, or if one has ended this child: a terminal sends it to both.
pub(crate) fn check_child(status: ExitStatus) -> Result<()> {
    if is_interrupt(status) { Err(Error::interrupted()) } else { check() }
}

#[cfg(unix)]
fn is_interrupt(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;

    const SIGHUP: i32 = 1;
    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;
    matches!(status.signal(), Some(SIGHUP | SIGINT | SIGTERM))
}

#[cfg(windows)]
fn is_interrupt(status: ExitStatus) -> bool {
    const STATUS_CONTROL_C_EXIT: u32 = 0xc000_013a;
    status.code() == Some(STATUS_CONTROL_C_EXIT.cast_signed())
}

/// Runs `work` until it is done or interrupted. An interrupt drops it, which ends its processes.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    block_on_then(work, async {})
}

/// The same, but an interrupt runs `end` before it drops `work`. Another interrupt does not wait for that.
pub(crate) fn block_on_then<T>(
    work: impl Future<Output = Result<T>>,
    end: impl Future<Output = ()>,
) -> Result<T> {
    watch()?;
    let runtime = runtime().map_err(|error| Error::new("cannot start").because(error))?;
    runtime.block_on(until(&INTERRUPT, work, end))
}

async fn until<T>(
    interrupt: &Notify,
    work: impl Future<Output = Result<T>>,
    end: impl Future<Output = ()>,
) -> Result<T> {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        () = interrupt.notified() => {}
        result = &mut work => return result,
    }
    tokio::select! {
        biased;
        () = interrupt.notified() => {}
        () = end => {}
    }
    Err(Error::interrupted())
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Returns a function that waits for the next signal that asks the program to end.
#[cfg(unix)]
fn signals() -> io::Result<impl AsyncFnMut() + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

/// Returns a function that waits for the next event of the console that asks the program to end.
#[cfg(windows)]
fn signals() -> io::Result<impl AsyncFnMut() + Send> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
    let mut interrupt = ctrl_c()?;
    let mut stop = ctrl_break()?;
    let mut close = ctrl_close()?;
    Ok(async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = stop.recv() => {}
            _ = close.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn work_that_ends_is_not_interrupted() {
        let ended = until(&Notify::new(), async { Ok(7) }, pending()).await;
        assert!(matches!(ended, Ok(7)));
    }

    #[tokio::test]
    async fn an_interrupt_waits_for_the_end() {
        let (interrupt, gate) = (Notify::new(), Notify::new());
        let ended = until(&interrupt, pending::<Result<()>>(), gate.notified());
        interrupt.notify_one();
        let mut ended = pin!(ended);
        tokio::select! {
            biased;
            _ = &mut ended => panic!("it did not wait"),
            () = tokio::task::yield_now() => gate.notify_one(),
        }
        assert!(ended.await.is_err_and(|error| error.is_interrupt()));
    }

    #[tokio::test]
    async fn a_second_interrupt_does_not_wait() {
        let interrupt = Notify::new();
        let mut ended = pin!(until(&interrupt, pending::<Result<()>>(), pending()));
        interrupt.notify_one();
        tokio::select! {
            biased;
            _ = &mut ended => panic!("it did not wait"),
            () = tokio::task::yield_now() => interrupt.notify_one(),
        }
        assert!(ended.await.is_err_and(|error| error.is_interrupt()));
    }
}
