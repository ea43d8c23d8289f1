//! Errors for the person at the terminal: `error:`, the causes, and the fix as `hint:`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fmt, iter};

/// The result of everything that can fail.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// The failure of a command, in words for the person who typed it.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    hint: Option<String>,
    file: Option<PathBuf>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// The output of another program about it.
    log: Option<Box<str>>,
    code: u8,
}

impl Error {
    /// Creates an error. The message says what was found and what was expected, in lower case, with
    /// literals in backticks and without a full stop.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, hint: None, file: None, source: None, log: None, code: 1 }
    }

    /// Creates the error of a program that the user stopped; its exit code is the one that shells
    /// expect after Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Self { code: 130, ..Self::new("interrupted") }
    }

    /// Returns whether the user stopped the program.
    pub(crate) fn is_interrupt(&self) -> bool {
        self.code == 130
    }

    /// Adds the fix.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Returns the fix; empty if there is none.
    pub(crate) fn fix(&self) -> &str {
        self.hint.as_deref().unwrap_or_default()
    }

    /// Returns the message with its causes, on one line.
    pub(crate) fn explain(&self) -> String {
        self.causes().fold(self.message.clone(), |text, cause| format!("{text}: {cause}"))
    }

    /// Adds what another program has printed about it, which the user has already seen.
    pub(crate) fn with_log(self, log: String) -> Self {
        Self { log: Some(log.into()), ..self }
    }

    /// Returns everything that is known about it, in lines.
    pub(crate) fn full_text(&self) -> String {
        let mut text =
            format!("{}error: {}\n", self.log.as_deref().unwrap_or_default(), self.explain());
        if !self.fix().is_empty() {
            text.extend(["hint: ", self.fix(), "\n"]);
        }
        text
    }

    /// Adds the file that has the mistake.
    pub(crate) fn in_file(self, file: PathBuf) -> Self {
        Self { file: Some(file), ..self }
    }

    /// Returns the file that has the mistake, if it is known.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Adds the cause, printed below the message.
    pub(crate) fn because(
        self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Returns the causes, the nearest one first.
    pub(crate) fn causes(&self) -> impl Iterator<Item = &dyn std::error::Error> {
        let first = self.source.as_deref().map(|source| source as &dyn std::error::Error);
        iter::successors(first, |cause| cause.source())
    }

    /// Returns the exit code of a program that ends with it.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// Marks it as a mistake on the command line: the exit code is 2, as for clap's own errors.
    pub(crate) fn usage(self) -> Self {
        Self { code: 2, ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Turns errors of other crates into [`Error`]s.
pub(crate) trait ErrorContext<T> {
    /// Makes the error the cause of a message about what failed.
    fn context<M: Into<String>>(self, message: impl FnOnce() -> M) -> Result<T>;
}

impl<T, E> ErrorContext<T> for std::result::Result<T, E>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn context<M: Into<String>>(self, message: impl FnOnce() -> M) -> Result<T> {
        self.map_err(|error| Error::new(message()).because(error))
    }
}
