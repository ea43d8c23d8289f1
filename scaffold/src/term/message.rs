//! Messages on standard error: errors, warnings, notes and logs.
//!
//! Of control characters, only line breaks, tabs and colours pass. Text from outside is
//! [escaped](super::escape) before, so that it has no colours either.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use anstyle::Style;

use super::error::Error;
use super::style::{COMMAND, ERROR, HINT, WARNING};
use super::{escape, output};

/// Prints an error with its causes and its fix, and returns the exit code.
pub(crate) fn report(error: &Error) -> ExitCode {
    labelled(ERROR, "error:", &error.to_string());
    for cause in error.causes() {
        // Other lines are indented, so that none looks like a message of its own.
        let text = cause.to_string().replace("\r\n", "\n").replace('\n', "\n  ");
        note(format_args!("  caused by: {}", escape::lines(&text)));
    }
    if !error.fix().is_empty() {
        labelled(HINT, "hint:", error.fix());
    }
    error.exit_code()
}

/// Prints a warning and its fix.
pub(crate) fn warn_with_hint(message: &str, hint: &str) {
    labelled(WARNING, "warning:", message);
    labelled(HINT, "hint:", hint);
}

/// Prints one of several errors and its fix.
pub(crate) fn error_with_hint(message: &str, hint: &str) {
    labelled(ERROR, "error:", message);
    labelled(HINT, "hint:", hint);
}

fn labelled(style: Style, label: &str, message: &str) {
    note(format_args!("{style}{label}{style:#} {}", escape::line(message)));
}

/// Prints a message of clap: help and version on standard output with exit code 0, mistakes on the
/// command line on standard error with 2.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let message = error.render().ansi().to_string();
    if error.use_stderr() {
        print_log(message.as_bytes());
    } else if let Err(error) = output::print(&message) {
        return report(&error);
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Prints a message on standard error, and a line break.
pub(crate) fn note(message: fmt::Arguments<'_>) {
    print_log(format!("{message}\n").as_bytes());
}

/// Prints a warning without a fix.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    note(format_args!("{WARNING}warning:{WARNING:#} {}", escape::line(&message.to_string())));
}

/// Prints what another program has written, on standard error.
pub(crate) fn print_log(log: &[u8]) {
    // If nobody reads standard error, there is nowhere to report that.
    let _ = anstream::stderr().write_all(&escape::colored(log));
}

/// Prints the commands to run next, on standard error.
pub(crate) fn print_next(commands: &[String]) {
    note(format_args!("\nnext:"));
    for command in commands {
        note(format_args!("  {COMMAND}{}{COMMAND:#}", escape::line(command)));
    }
}
