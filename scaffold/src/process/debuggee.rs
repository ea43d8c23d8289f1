//! The hidden command that becomes a function to which any debugger can attach: a process can only say
//! that for itself.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use clap::Args;
use rustix::process::{PTracer, set_ptracer};

use crate::term::error::Error;
use crate::term::message;

/// The command's name.
pub(crate) const COMMAND: &str = "__debuggee";

/// Become a process to which any debugger can attach.
#[derive(Debug, Args)]
pub(crate) struct DebuggeeArgs {
    /// The program to run.
    pub(crate) program: OsString,
}

pub(crate) fn run(arguments: &DebuggeeArgs) -> ExitCode {
    // It fails if the kernel does not restrict debuggers.
    let _ = set_ptracer(PTracer::Any);
    let error = Command::new(&arguments.program).exec();
    let program = arguments.program.to_string_lossy();
    message::report(&Error::new(format!("cannot start `{program}`")).because(error))
}
