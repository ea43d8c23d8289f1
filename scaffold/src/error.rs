//! What a command ends with when it fails: `error: …`, the causes, and the mend as `hint: …`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// The result of everything that a command does.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a command failed, in words for the person who typed it.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    hint: Option<String>,
    file: Option<PathBuf>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    code: u8,
}

impl Error {
    /// A failure: lower-case, literals in backticks, no full stop; what was found and what was
    /// expected.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, file: None, source: None, code: 1 }
    }

    /// The user stopped the program: it says so and exits as a shell expects after Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Self { code: 130, ..Self::new("interrupted") }
    }

    /// Whether the user stopped the program.
    pub(crate) fn is_interrupt(&self) -> bool {
        self.code == 130
    }

    /// Adds the mend.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The mend; empty where there is none.
    pub(crate) fn mend(&self) -> &str {
        self.hint.as_deref().unwrap_or_default()
    }

    /// Adds the file that is to be mended.
    pub(crate) fn in_file(self, file: PathBuf) -> Self {
        Self { file: Some(file), ..self }
    }

    /// The file that is to be mended, where it is known.
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

    /// The command line asked for something that cannot be: exit code 2, as for clap's own errors.
    pub(crate) fn usage(self) -> Self {
        Self { code: 2, ..self }
    }

    /// Prints the error on standard error and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        anstream::eprintln!("{ERROR}error:{ERROR:#} {self}");
        let mut cause = self.source.as_deref().map(|source| source as &dyn std::error::Error);
        while let Some(error) = cause {
            anstream::eprintln!("  caused by: {error}");
            cause = error.source();
        }
        if let Some(hint) = &self.hint {
            anstream::eprintln!("{HINT}hint:{HINT:#} {hint}");
        }
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Prints what is no error, and may be meant.
pub(crate) fn warn(message: &str, hint: &str) {
    anstream::eprintln!("{WARNING}warning:{WARNING:#} {message}\n{HINT}hint:{HINT:#} {hint}");
}

/// Prints one of several errors, and its mend.
pub(crate) fn print(message: &str, hint: &str) {
    anstream::eprintln!("{ERROR}error:{ERROR:#} {message}\n{HINT}hint:{HINT:#} {hint}");
}

/// Prints what clap has to say: help and version on standard output with 0, a wrong command line on
/// standard error with 2.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to do where even the message cannot be written.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
