//! Errors and warnings about a template, each with its file and line.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::term::error::Error;

/// The result of reading a part of a template.
pub(super) type ReadResult<T> = Result<T, Diagnostic>;

/// An error or a warning: where it is, what is wrong, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    file: PathBuf,
    line: usize,
    message: String,
    hint: Cow<'static, str>,
}

impl Diagnostic {
    /// Creates a diagnostic for a line of a file that [`in_file`](Self::in_file) names later.
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        let hint = Cow::Borrowed("`sam validate --lint` checks the whole template");
        Self { file: PathBuf::new(), line, message: message.into(), hint }
    }

    pub(super) fn hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// Names the file, unless it is known already.
    pub(super) fn in_file(self, file: &Path) -> Self {
        if self.file == Path::new("") { Self { file: file.to_owned(), ..self } } else { self }
    }

    /// Returns the message with its place, and the fix.
    pub(super) fn text(&self) -> (String, &str) {
        let Self { file, line, message, hint } = self;
        (format!("{}:{line}: {message}", file.display()), hint)
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        let (message, hint) = diagnostic.text();
        Self::new(message).hint(hint).in_file(diagnostic.file)
    }
}

/// The diagnostics of a template, collected while it is read.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    /// The files that were read or looked for, the template first.
    pub(super) files: Vec<PathBuf>,
    /// Errors in parts that the other parts do not need.
    pub(super) errors: Vec<Diagnostic>,
    /// Parts that are left out.
    pub(super) warnings: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(super) fn new(template: &Path) -> Self {
        Self { files: vec![template.to_owned()], ..Self::default() }
    }

    fn template(&self) -> &Path {
        self.files.first().map_or(Path::new(""), PathBuf::as_path)
    }

    /// The template's folder, which its relative paths start from.
    pub(super) fn folder(&self) -> &Path {
        self.template().parent().unwrap_or(Path::new(""))
    }

    /// Returns the value, or records the error and returns the default.
    pub(super) fn recover<T: Default>(&mut self, result: ReadResult<T>) -> T {
        result.unwrap_or_else(|error| {
            let error = error.in_file(self.template());
            // `Globals` are read again for each API.
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
            T::default()
        })
    }

    pub(super) fn warn(&mut self, warning: Diagnostic) {
        let warning = warning.in_file(self.template());
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Adds the diagnostics of a nested template.
    pub(super) fn append(&mut self, nested: Self) {
        self.files.extend(nested.files);
        self.errors.extend(nested.errors);
        self.warnings.extend(nested.warnings);
    }
}
