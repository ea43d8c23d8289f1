//! Results on standard output, which another program can read.
//!
//! Of control characters, only line breaks, tabs and colours pass. Text from outside is
//! [escaped](super::escape) before, so that it has no colours either.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

use serde::Serialize;

use super::error::{Error, ErrorContext, Result};
use super::escape;

/// Prints a text. A reader that closes the pipe early is not a failure.
pub(crate) fn print(text: &str) -> Result<ExitCode> {
    let text = escape::colored(text.as_bytes());
    check(anstream::stdout().write_all(&text))
}

/// Prints the bytes of a function as they are, or on a terminal only what does not control it. A line
/// break follows.
pub(crate) fn print_payload(payload: &[u8]) -> Result<ExitCode> {
    let mut output = io::stdout().lock();
    let written = if output.is_terminal() {
        output.write_all(&escape::colored(payload))
    } else {
        output.write_all(payload)
    };
    check(written.and_then(|()| output.write_all(b"\n")))
}

/// Prints lines of a function's log as they are, or on a terminal only what does not control it. Breaks if nobody reads
/// them any more.
pub(crate) fn print_log(lines: &[u8]) -> Result<ControlFlow<()>> {
    let mut output = io::stdout().lock();
    let written = if output.is_terminal() {
        output.write_all(&escape::colored(lines))
    } else {
        output.write_all(lines)
    };
    match written.and_then(|()| output.flush()) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Error::new("cannot write to standard output").because(error)),
    }
}

fn check(written: io::Result<()>) -> Result<ExitCode> {
    match written.and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new("cannot write to standard output").because(error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<ExitCode> {
    let json = serde_json::to_string_pretty(value).context(|| "cannot write the result as JSON")?;
    print(&(json + "\n"))
}
