//! What is wrong with a template, and where, and what else comes up while it is read.

use std::path::{Path, PathBuf};

use crate::error::{self, Error};

/// The result of reading a part of a template.
pub(super) type Read<T> = Result<T, Problem>;

/// What was found, in which line, and the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// Names the file that the line is of, where it is not named yet.
    pub(super) fn of(self, file: &Path) -> Self {
        if self.file == Path::new("") { Self { file: file.to_owned(), ..self } } else { self }
    }

    /// Prints it as one that is lived with.
    pub(crate) fn warn(&self) {
        let Self { file, line, message, hint } = self;
        error::warn(&format!("{}:{line}: {message}", file.display()), hint);
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let Problem { file, line, message, hint } = problem;
        Self::new(format!("{}:{line}: {message}", file.display())).hint(hint).in_file(file)
    }
}

/// What comes up while a template is read.
#[derive(Debug)]
pub(super) struct Notes {
    /// What it is read from, the template first.
    pub(super) files: Vec<PathBuf>,
    /// What is wrong with parts that others can do without.
    pub(super) problems: Vec<Problem>,
    /// What is left out.
    pub(super) warnings: Vec<Problem>,
}

impl Notes {
    pub(super) fn of(file: &Path) -> Self {
        Self { files: vec![file.to_owned()], problems: Vec::new(), warnings: Vec::new() }
    }

    fn file(&self) -> &Path {
        self.files.first().map_or(Path::new(""), PathBuf::as_path)
    }

    /// The folder that paths in the template start from.
    pub(super) fn folder(&self) -> &Path {
        self.file().parent().unwrap_or(Path::new(""))
    }

    /// What was read; where that failed, nothing, and the problem is kept.
    pub(super) fn keep<T: Default>(&mut self, read: Read<T>) -> T {
        read.unwrap_or_else(|problem| {
            let problem = problem.of(self.file());
            // What is said for all APIs is read for each.
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
            T::default()
        })
    }

    /// Adds what came up while another template was read.
    pub(super) fn add(
        &mut self,
        files: Vec<PathBuf>,
        problems: Vec<Problem>,
        warnings: Vec<Problem>,
    ) {
        self.files.extend(files);
        self.problems.extend(problems);
        self.warnings.extend(warnings);
    }

    pub(super) fn warn(&mut self, problem: Problem) {
        let problem = problem.of(self.file());
        if !self.warnings.contains(&problem) {
            self.warnings.push(problem);
        }
    }
}
