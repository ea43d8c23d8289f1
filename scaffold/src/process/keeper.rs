//! The keeper: the hidden command that runs another program, and ends with it everything that it has
//! started.
//!
//! Its standard input is a socket. It reports the id of the program's process there, and kills the
//! program when the other end closes, for whatever reason.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus, Stdio};

use clap::Args;
use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

#[cfg(target_os = "linux")]
use super::descendants;
use super::interrupt;
use crate::term::error::Error;
use crate::term::message;

/// The command's name.
pub(crate) const COMMAND: &str = "__keep";

/// Run a program, and end everything that it has started.
#[derive(Debug, Args)]
pub(crate) struct KeepArgs {
    /// Also end processes that have left the program's process group.
    #[cfg(target_os = "linux")]
    #[arg(long)]
    pub(crate) descendants: bool,

    /// The program and its arguments.
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}

pub(crate) fn run(arguments: &KeepArgs) -> ExitCode {
    let Some((program, program_arguments)) = arguments.command.split_first() else {
        return ExitCode::FAILURE;
    };
    #[cfg(target_os = "linux")]
    if arguments.descendants {
        // Processes whose parents end become children of the keeper, so that it finds them.
        let _ = rustix::process::set_child_subreaper(Some(getpid()));
    }

    let mut group = None;
    // An interrupt means that this program is asked to end.
    let ended = interrupt::block_on(async {
        let cannot_start = |error: io::Error| {
            Error::new(format!("cannot start `{}`", program.to_string_lossy())).because(error)
        };
        let mut child = Command::new(program)
            .args(program_arguments)
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(cannot_start)?;
        group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        wait(&mut child).await.map_err(cannot_start)
    });
    if let Some(group) = group {
        // It fails if no process is left.
        let _ = kill_process_group(group, Signal::KILL);
    }
    #[cfg(target_os = "linux")]
    if arguments.descendants {
        descendants::kill();
    }
    match ended {
        Ok(Some(status)) => end_like(status),
        Err(error) if !error.is_interrupt() => {
            let hint = "build it for this machine: check whether cargo's configuration sets `build.target`";
            let _ = message::report(&error.hint(hint));
            // The exit code of shells for a program that cannot be executed.
            ExitCode::from(126)
        }
        _ => ExitCode::FAILURE,
    }
}

/// Waits until the program ends. `None` if it must be ended.
async fn wait(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let mut other_end = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    if let Some(id) = child.id() {
        // If it fails, the other end has been closed.
        let _ = other_end.write_all(&id.to_ne_bytes());
    }
    other_end.set_nonblocking(true)?;
    let mut other_end = tokio::net::UnixStream::from_std(other_end)?;
    tokio::select! {
        biased;
        status = child.wait() => status.map(Some),
        // Nothing is ever sent.
        _ = other_end.read_u8() => Ok(None),
    }
}

/// Ends this process as the program has ended.
fn end_like(status: ExitStatus) -> ExitCode {
    if let Some(signal) = status.signal().and_then(Signal::from_named_raw) {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, set_dumpable_behavior};
            // The memory of this process is of no interest.
            let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        }
        let _ = kill_process(getpid(), signal);
    }
    status.code().map_or(ExitCode::FAILURE, |code| ExitCode::from(code.to_le_bytes()[0]))
}
