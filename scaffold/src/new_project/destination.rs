//! The folder that a project is created in.

use std::path::{Path, PathBuf};

use super::staging;
use crate::term::error::{Error, Result};
use crate::term::quote;

#[derive(Clone, Debug)]
pub(crate) enum Destination {
    NewFolder(PathBuf),
    /// The current folder, which is empty.
    CurrentFolder,
}

impl Destination {
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::NewFolder(folder) => folder,
            Self::CurrentFolder => Path::new("."),
        }
    }

    /// The existing folder to build the project in, on the same file system as the destination.
    pub(crate) fn parent(&self) -> &Path {
        match self.folder().parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// The absolute path, as far as the folders above exist.
    pub(crate) fn absolute(&self) -> PathBuf {
        let absolute = |path: &Path| dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match self {
            Self::NewFolder(folder) => {
                let parent = absolute(self.parent());
                folder.file_name().map_or(parent.clone(), |name| parent.join(name))
            }
            Self::CurrentFolder => absolute(Path::new(".")),
        }
    }

    /// Fails if a project cannot be created there, as far as that is known before trying.
    pub(crate) fn check(&self) -> Result<()> {
        staging::remove_abandoned(self.parent());
        match self {
            Self::NewFolder(folder) => self.check_new(folder),
            Self::CurrentFolder => check_current(),
        }
    }

    fn check_new(&self, folder: &Path) -> Result<()> {
        if folder.symlink_metadata().is_ok() {
            return Err(Error::new(format!("`{}` already exists", folder.display()))
                .hint("choose another name, or another folder with `--directory`"));
        }
        let parent = self.parent();
        if parent.is_dir() {
            return Ok(());
        }
        let name = parent.to_string_lossy();
        Err(if parent.exists() {
            Error::new(format!("`{name}` is not a folder"))
                .hint("choose another folder with `--directory`")
        } else {
            Error::new(format!("folder `{name}` does not exist"))
                .hint(format!("create it first: `{}`", quote::make_folder(&name)))
        })
    }
}

/// A git repository without files counts as empty.
fn check_current() -> Result<()> {
    let fail = |error| Error::new("cannot read the current folder").because(error);
    for entry in Path::new(".").read_dir().map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        if name != ".git" {
            return Err(Error::new(format!(
                "the current folder is not empty: it contains `{}`",
                name.display()
            ))
            .hint("`scaffold new NAME` creates a folder"));
        }
    }
    Ok(())
}
