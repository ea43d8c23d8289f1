//! The hidden command that becomes the function: what can only be set from inside a process.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use clap::Args;
use rustix::process::{Pid, getppid};

use crate::error::Error;

/// The command's name.
pub(super) const COMMAND: &str = "__start";

/// Become a function's process: what `scaffold` starts one with.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// The process that it must not outlive.
    pub(super) parent: i32,

    /// Let any debugger attach.
    #[arg(long)]
    pub(super) debug: bool,

    /// The function's executable.
    pub(super) program: OsString,
}

pub(crate) fn run(arguments: StartArgs) -> ExitCode {
    let StartArgs { parent, debug, program } = arguments;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{PTracer, Signal, set_parent_process_death_signal, set_ptracer};
        // What fails here costs what it is for; the guard is there too.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        if debug {
            // It fails where the kernel does not restrict debuggers.
            let _ = set_ptracer(PTracer::Any);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = debug;
    // A parent that ended before the signal was set sends none.
    if getppid() != Pid::from_raw(parent) {
        return ExitCode::FAILURE;
    }
    let error = Command::new(&program).exec();
    let _ = Error::new(format!("cannot start `{}`", program.to_string_lossy()))
        .because(error)
        .hint("it must be built for this machine: is a `build.target` set for cargo?")
        .report();
    // What a shell says of a program that cannot be run.
    ExitCode::from(126)
}
