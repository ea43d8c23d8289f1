//! `scaffold` creates, runs and ships AWS Lambda functions written in Rust.
//!
//! This library is the program's own: [`run`] is its table of contents.

mod application;
mod artifact;
mod cargo;
mod cli;
mod command;
mod credentials;
mod dev;
mod emulator;
mod engine;
mod error;
mod example;
mod files;
mod gateway;
mod generate;
mod given;
mod interrupt;
mod lambda;
mod library;
mod name;
mod output;
mod programs;
mod progress;
mod project;
mod prompt;
mod question;
mod render;
mod repository;
mod resolve;
mod schema;
mod shell;
mod size;
mod stamp;
mod template;
mod this_program;
mod toolchain;
mod tree;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

/// Runs the program on its command line, the program's name first, and returns its exit code:
/// 0 done, 1 failed, 2 the command line is wrong, 130 interrupted.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(child) = generate::Child::parse(&arguments) {
        return child.run();
    }
    if prompt::is_dumb() {
        // Left to itself, `anstream` colours there where `CI` is set.
        anstream::ColorChoice::Never.write_global();
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return error::usage(&error),
    };
    let result = match cli.command {
        Command::New(arguments) => command::new::run(arguments),
        Command::List(arguments) => command::list::run(&arguments),
        Command::Completions(arguments) => command::completions::run(&arguments),
        Command::Man(arguments) => command::man::run(&arguments),
        Command::Dev(arguments) => command::dev::run(arguments),
        Command::Invoke(arguments) => command::invoke::run(arguments),
        Command::Build(arguments) => command::build::run(arguments),
        Command::Package(arguments) => command::package::run(arguments),
        Command::Deploy(arguments) => command::deploy::run(arguments),
        Command::Doctor(arguments) => command::doctor::run(arguments),
        Command::Inspect(arguments) => command::inspect::run(arguments),
        #[cfg(unix)]
        Command::Start(arguments) => Ok(emulator::start::run(arguments)),
        #[cfg(unix)]
        Command::Guard => Ok(emulator::guard::run()),
    };
    result.unwrap_or_else(|error| error.report())
}
