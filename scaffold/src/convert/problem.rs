//! Parts of a project that the command cannot convert.

use std::path::PathBuf;

use super::code::Code;

/// A part that cannot be converted.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
    pub(crate) message: String,
    /// The code to write.
    pub(crate) hint: String,
}

/// All problems of a project.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(
        &mut self,
        code: &Code,
        position: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let (file, line) = (code.path.clone(), code.line(position));
        let problem = Problem { file, line, message: message.into(), hint: hint.into() };
        let is_known = |other: &Problem| {
            (&other.file, other.line, &other.message) == (&problem.file, line, &problem.message)
        };
        if !self.0.iter().any(is_known) {
            self.0.push(problem);
        }
    }

    pub(super) fn add_to_file(
        &mut self,
        file: PathBuf,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.0.push(Problem { file, line: 1, message: message.into(), hint: hint.into() });
    }

    /// Adds the problems that were found elsewhere.
    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the problems by file and line.
    pub(super) fn sorted(mut self) -> Vec<Problem> {
        self.0.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
        self.0
    }
}
