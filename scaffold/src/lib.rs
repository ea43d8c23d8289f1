//! `scaffold` creates, runs and ships AWS Lambda functions written in Rust.
//!
//! This library is the program's own: [`run`] is its table of contents.

mod cargo;
mod cli;
mod command;
mod emulator;
mod error;
mod files;
mod generate;
mod interrupt;
mod library;
mod name;
mod project;
mod prompt;
mod question;
mod shell;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

/// Runs the program on its command line, the program's name first, and returns its exit code:
/// 0 done, 1 failed, 2 the command line is wrong, 130 interrupted.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return error::usage(&error),
    };
    let result = match cli.command {
        Command::New(arguments) => command::new::run(arguments),
        Command::Invoke(arguments) => command::invoke::run(arguments),
        Command::Expand(arguments) => Ok(generate::run_child(arguments)),
    };
    result.unwrap_or_else(|error| error.report())
}
