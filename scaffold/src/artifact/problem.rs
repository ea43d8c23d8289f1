//! What is wrong with an artifact, and the mend.

use clap::ValueEnum;
use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Problem {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new() }
    }

    /// With the mend.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// The kinds of problems, by which programs tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Code {
    /// Built for another processor.
    Architecture,
    /// Cut off, or not what it says it is.
    Damaged,
    /// Debug information is left in.
    DebugInformation,
    /// Two files of one name.
    Duplicate,
    /// Not an executable for Linux.
    Format,
    /// A newer glibc than Lambda's is needed.
    Glibc,
    /// A shared library is missing.
    Library,
    /// A loader is needed that Lambda does not have.
    Loader,
    /// Lambda may not run it.
    Mode,
    /// There is no `bootstrap`.
    Name,
    /// A file would be unpacked outside of the folder.
    Path,
    /// `bootstrap` is in a folder.
    Place,
    /// Over one of Lambda's limits.
    Size,
}
