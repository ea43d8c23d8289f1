//! What is wrong with a template, and where.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// The result of reading a part of a template.
pub(super) type Read<T> = Result<T, Problem>;

/// What was found, in which line, and the mend.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    file: PathBuf,
    line: usize,
    message: String,
    hint: &'static str,
}

impl Problem {
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        let hint = "`sam validate --lint` says more about the template";
        Self { file: PathBuf::new(), line, message: message.into(), hint }
    }

    pub(super) fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// Names the file that the line is of.
    pub(super) fn of(self, file: &Path) -> Self {
        Self { file: file.to_owned(), ..self }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let Problem { file, line, message, hint } = problem;
        Self::new(format!("{}:{line}: {message}", file.display())).hint(hint)
    }
}

/// What is wrong with parts of a file that others can do without.
#[derive(Debug)]
pub(super) struct Problems {
    file: PathBuf,
    pub(super) all: Vec<Problem>,
}

impl Problems {
    pub(super) fn of(file: &Path) -> Self {
        Self { file: file.to_owned(), all: Vec::new() }
    }

    /// What was read; where that failed, nothing, and the problem is kept.
    pub(super) fn keep<T: Default>(&mut self, read: Read<T>) -> T {
        read.unwrap_or_else(|problem| {
            self.all.push(problem.of(&self.file));
            T::default()
        })
    }
}
