//! Messages on standard error: errors, warnings, notes and logs.
//!
//! Of control characters, only line breaks, tabs and colours pass. Text from outside is
//! [escaped](super::escape) before, so that it has no colours either.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use anstyle::Style;
use clap::error::{ContextKind, ContextValue};

use super::error::Error;
use super::style::{COMMAND, ERROR, HINT, WARNING};
use super::{escape, output};

/// Prints an error with its causes and its fix, and returns the exit code.
pub(crate) fn report(error: &Error) -> ExitCode {
    let mut text = labelled(ERROR, "error:", &error.to_string());
    for cause in error.causes() {
        // Other lines are indented, so that none looks like a message of its own.
        let cause = cause.to_string().replace("\r\n", "\n").replace('\n', "\n  ");
        text.extend(["  caused by: ", &escape::lines(&cause), "\n"]);
    }
    if !error.fix().is_empty() {
        text += &labelled(HINT, "hint:", error.fix());
    }
    print_log(text.as_bytes());
    error.exit_code()
}

/// Prints a warning and its fix.
pub(crate) fn warn_with_hint(message: &str, hint: &str) {
    with_hint(labelled(WARNING, "warning:", message), hint);
}

/// Prints one of several errors and its fix.
pub(crate) fn error_with_hint(message: &str, hint: &str) {
    with_hint(labelled(ERROR, "error:", message), hint);
}

/// Prints a message and its fix at once, so that no message of another task comes between them.
fn with_hint(message: String, hint: &str) {
    print_log((message + labelled(HINT, "hint:", hint).as_str()).as_bytes());
}

fn labelled(style: Style, label: &str, message: &str) -> String {
    format!("{style}{label}{style:#} {}\n", escape::line(message))
}

/// Prints a message of clap: help and version on standard output with exit code 0, mistakes on the
/// command line on standard error with 2.
pub(crate) fn usage(mut error: clap::Error) -> ExitCode {
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(command) = command_for(word)
    {
        error.remove(ContextKind::SuggestedSubcommand);
        let tip = format!("the command is `scaffold {command}`").into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    let message = error.render().ansi().to_string();
    if error.use_stderr() {
        print_log(message.as_bytes());
    } else if let Err(error) = output::print(&message) {
        return report(&error);
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// The command for a word that other tools have for it.
fn command_for(word: &str) -> Option<&'static str> {
    Some(match word {
        "create" | "generate" | "init" => "new",
        "local" | "run" | "serve" | "start" | "watch" => "dev",
        "call" | "test" => "invoke",
        "compile" => "build",
        "bundle" | "zip" => "package",
        "check" | "validate" => "inspect",
        "publish" | "ship" | "upload" => "deploy",
        _ => return None,
    })
}

/// Prints a message on standard error, and a line break.
pub(crate) fn note(message: fmt::Arguments<'_>) {
    print_log(format!("{message}\n").as_bytes());
}

/// Prints a warning without a fix.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    print_log(labelled(WARNING, "warning:", &message.to_string()).as_bytes());
}

/// Prints what another program has written, on standard error.
pub(crate) fn print_log(log: &[u8]) {
    // If nobody reads standard error, there is nowhere to report that.
    let _ = anstream::stderr().write_all(&escape::colored(log));
}

/// Prints the commands to run next, on standard error.
pub(crate) fn print_next(commands: &[String]) {
    let commands =
        commands.iter().map(|it| format!("  {COMMAND}{}{COMMAND:#}\n", escape::line(it)));
    print_log(format!("\nnext:\n{}", commands.collect::<String>()).as_bytes());
}
