//! `scaffold` creates, runs, builds and deploys AWS Lambda functions written in Rust.
//!
//! This library belongs to the program, and [`run`] is its table of contents.

// Everything passes through `term::output`, which escapes text from outside.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod add;
mod artifact;
mod aws;
mod build;
mod cli;
mod commands;
mod convert;
mod direct;
mod files;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod infrastructure;
mod local;
mod new_project;
mod openapi;
mod process;
mod remote;
mod rust_source;
mod sam;
mod sync;
mod term;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

#[cfg(unix)]
use crate::cli::InternalCommand;
use crate::cli::{Cli, Command};
use crate::new_project::expand::ExpandCommand;
#[cfg(target_os = "linux")]
use crate::process::debuggee;
#[cfg(unix)]
use crate::process::keeper;
use crate::term::{message, terminal};

/// Runs the program with its command line, which starts with its name, and returns its exit code:
/// 0 for success, 1 for failure, 2 for a mistake on the command line, 3 for responses that differ, 130 for an
/// interruption.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(child) = ExpandCommand::parse(&arguments) {
        return child.run();
    }
    if terminal::is_dumb() {
        // Otherwise `anstream` uses colours if `CI` is set.
        anstream::ColorChoice::Never.write_global();
    }
    #[cfg(unix)]
    match InternalCommand::try_parse_from(&arguments) {
        Ok(InternalCommand::Keep(arguments)) => return keeper::run(&arguments),
        #[cfg(target_os = "linux")]
        Ok(InternalCommand::Debuggee(arguments)) => return debuggee::run(&arguments),
        Err(_) => {}
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return message::usage(error),
    };
    let result = match cli.command {
        Command::New(arguments) => commands::new::run(arguments),
        Command::List(arguments) => commands::list::run(arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
        Command::Man(arguments) => commands::man::run(&arguments),
        Command::Dev(arguments) => commands::dev::run(arguments),
        Command::Invoke(arguments) => commands::invoke::run(arguments),
        Command::Build(arguments) => commands::build::run(arguments),
        Command::Package(arguments) => commands::package::run(arguments),
        Command::Openapi(arguments) => commands::openapi::run(arguments),
        Command::Deploy(arguments) => commands::deploy::run(*arguments),
        Command::Delete(arguments) => commands::delete::run(&arguments),
        Command::Logs(arguments) => commands::logs::run(arguments),
        Command::Doctor(arguments) => commands::doctor::run(arguments),
        Command::Convert(arguments) => commands::convert::run(arguments),
        Command::Sync(arguments) => commands::sync::run(arguments),
        Command::Add(arguments) => commands::add::run(arguments),
        Command::Inspect(arguments) => commands::inspect::run(arguments),
    };
    result.unwrap_or_else(|error| message::report(&error))
}
