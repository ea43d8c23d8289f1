//! Findings: the problems of an artifact, each with a fix.

use clap::ValueEnum;
use serde::Serialize;

/// A problem of an artifact.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) code: FindingCode,
    pub(crate) message: String,
    /// The fix.
    pub(crate) hint: String,
}

impl Finding {
    pub(crate) fn new(code: FindingCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new() }
    }

    /// Adds the fix.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// The kind of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FindingCode {
    /// Built for a different processor.
    Architecture,
    /// Truncated or corrupt.
    Damaged,
    /// Contains debug information.
    DebugInformation,
    /// Two files with the same name.
    Duplicate,
    /// Not a Linux executable.
    Format,
    /// Needs a newer glibc than Lambda has.
    Glibc,
    /// Has no handler of the name that the template gives.
    Handler,
    /// Gathers CPU jitter entropy when it starts.
    JitterEntropy,
    /// Needs a shared library that is missing.
    Library,
    /// Needs a loader that Lambda does not have.
    Loader,
    /// Not executable by Lambda.
    Mode,
    /// No file named `bootstrap`.
    Name,
    /// A file outside of the function's folder.
    Path,
    /// `bootstrap` in a subfolder.
    Place,
    /// For a Lambda runtime that AWS no longer supports.
    Runtime,
    /// Larger than Lambda allows.
    Size,
}
