//! What is wrong with a template, and where.

use std::path::Path;

use crate::error::Error;

/// The result of reading a part of a template.
pub(super) type Read<T> = Result<T, Problem>;

/// What was found, on which line, and the mend.
#[derive(Debug)]
pub(super) struct Problem {
    line: usize,
    message: String,
    hint: &'static str,
}

impl Problem {
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        let hint = "`sam validate --lint` says more about the template";
        Self { line, message: message.into(), hint }
    }

    pub(super) fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    pub(super) fn into_error(self, path: &Path) -> Error {
        Error::new(format!("{}:{}: {}", path.display(), self.line, self.message)).hint(self.hint)
    }
}
