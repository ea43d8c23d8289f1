//! A project that is decided: what its name, its template, every answer and its folder are.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lambda_native_templates::{Question, Template};

use crate::error::{Error, Result};
use crate::library::Library;
use crate::name::ProjectName;
use crate::shell;

/// What `scaffold new` makes; no question is asked after this.
#[derive(Debug)]
pub(crate) struct NewProject {
    pub(crate) name: ProjectName,
    pub(crate) template: &'static Template,
    /// An answer to each of the template's questions, in their order.
    pub(crate) answers: Vec<(&'static Question, String)>,
    pub(crate) library: Library,
    pub(crate) folder: PathBuf,
}

impl NewProject {
    /// The project's kind and the answers on one line.
    pub(crate) fn summary(&self) -> String {
        let mut summary = self.template.name.to_owned();
        for (question, answer) in &self.answers {
            let space = if question.unit.is_empty() { "" } else { " " };
            // Writing to a string does not fail.
            let name = question.name.replace('_', " ");
            let _ = write!(summary, ", {name} {answer}{space}{}", question.unit);
        }
        summary
    }
}

/// The folder that the project's own is made in.
pub(crate) fn parent(folder: &Path) -> &Path {
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Fails where a project cannot be put, as far as can be told without trying.
pub(crate) fn check_folder(folder: &Path) -> Result<()> {
    if folder.symlink_metadata().is_ok() {
        return Err(Error::new(format!("`{}` already exists", folder.display()))
            .hint("choose another name, or another folder with `--directory`"));
    }
    let parent = parent(folder);
    if parent.is_dir() {
        return Ok(());
    }
    let name = parent.to_string_lossy();
    Err(if parent.exists() {
        Error::new(format!("`{name}` is not a folder"))
            .hint("choose another folder with `--directory`")
    } else {
        Error::new(format!("there is no folder `{name}`"))
            .hint(format!("make it first: `mkdir -p {}`", shell::quote(&name)))
    })
}
