//! Standard output: what a program may read.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use crate::error::{Error, Result};

/// Prints all of it. A reader that has had enough is no failure.
pub(crate) fn print(text: &str) -> Result<ExitCode> {
    match anstream::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new("cannot write to standard output").because(error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
