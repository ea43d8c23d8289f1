//! A child process that works while this program does something else.

use std::io;
use std::process::{Child, Command, Output};

/// A running child process, killed if it is dropped before its end.
pub(crate) struct Background(Option<Child>);

impl Background {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(|child| Self(Some(child)))
    }

    /// Waits for its end and returns what it has printed.
    pub(crate) fn finish(mut self) -> io::Result<Output> {
        match self.0.take() {
            Some(child) => child.wait_with_output(),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
