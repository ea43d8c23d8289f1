//! What ends the functions where this program cannot do it itself, because it was killed.
//!
//! A process of its own holds the other end of a pipe, and is told of every process group that is
//! started. When the pipe closes, for whatever reason, it ends the groups that are left.

use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::this_program;

/// The hidden command that is the guard.
pub(crate) const COMMAND: &str = "__guard";

static PIPE: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Has the guard end this group when this program ends.
pub(super) fn watch(group: Pid) {
    tell('+', group);
}

/// The group has ended, and its id may become another's.
pub(super) fn forget(group: Pid) {
    tell('-', group);
}

fn tell(sign: char, group: Pid) {
    let mut pipe = PIPE.lock().unwrap_or_else(PoisonError::into_inner);
    if pipe.is_none() {
        *pipe = start();
    }
    // Without a guard everything works, but for an end by SIGKILL.
    let line = format!("{sign}{}\n", group.as_raw_nonzero());
    if pipe.as_mut().is_some_and(|pipe| pipe.write_all(line.as_bytes()).is_err()) {
        *pipe = None;
    }
}

fn start() -> Option<ChildStdin> {
    let mut command = Command::new(this_program::executable());
    command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: Ctrl-C in the terminal is not for it.
    command.arg0("scaffold").process_group(0);
    command.spawn().ok()?.stdin.take()
}

/// Reads until the pipe closes, then ends what is left.
pub(crate) fn run() -> ExitCode {
    let mut groups = Vec::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Some((sign, id)) = line.split_at_checked(1) else { continue };
        let Some(group) = id.parse().ok().and_then(Pid::from_raw) else { continue };
        groups.retain(|known| *known != group);
        if sign == "+" {
            groups.push(group);
        }
    }
    for group in groups {
        // It fails where no process is left.
        let _ = kill_process_group(group, Signal::KILL);
    }
    ExitCode::SUCCESS
}
