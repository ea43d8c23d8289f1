//! Changes of files, which are all made or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files;
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::message;

/// A file that is new or changed.
#[derive(Debug)]
pub(crate) struct FileChange {
    pub(crate) path: PathBuf,
    /// `None` of a new file.
    pub(crate) old: Option<String>,
    pub(crate) new: Vec<u8>,
}

impl FileChange {
    pub(super) fn new(path: PathBuf, text: impl Into<Vec<u8>>) -> Self {
        Self { path, old: None, new: text.into() }
    }

    pub(super) fn edit(path: PathBuf, old: String, new: String) -> Self {
        Self { path, old: Some(old), new: new.into() }
    }
}

/// Changes that were made, and can be undone.
pub(crate) struct Applied<'a> {
    changes: &'a [FileChange],
    folders: Vec<PathBuf>,
    /// The lock file, which cargo changes.
    lock: (PathBuf, Option<Vec<u8>>),
}

/// Makes all changes. A failure undoes those that were made.
pub(crate) fn apply<'a>(changes: &'a [FileChange], root: &Path) -> Result<Applied<'a>> {
    for change in changes {
        let now = if change.path.exists() { Some(files::read(&change.path)?) } else { None };
        if now.as_deref() != change.old.as_ref().map(String::as_bytes) {
            let message = format!("`{}` changed in the meantime", change.path.display());
            return Err(Error::new(message).hint("run the command again"));
        }
    }
    let lock = root.join("Cargo.lock");
    let lock_text = fs::read(&lock).ok();
    let mut applied = Applied { changes: &[], folders: Vec::new(), lock: (lock, lock_text) };
    for (index, change) in changes.iter().enumerate() {
        let made = make(change, &mut applied.folders);
        applied.changes = changes.get(..=index).unwrap_or(changes);
        if let Err(error) = made {
            applied.undo();
            return Err(error);
        }
    }
    Ok(applied)
}

fn make(change: &FileChange, folders: &mut Vec<PathBuf>) -> Result<()> {
    if let Some(parent) = change.path.parent() {
        let missing: Vec<&Path> = parent.ancestors().take_while(|it| !it.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).context(|| format!("cannot make `{}`", folder.display()))?;
            folders.push(folder.to_owned());
        }
    }
    files::replace(&change.path, &change.new)
}

impl Applied<'_> {
    /// Restores all files.
    pub(crate) fn undo(self) {
        let Self { changes, folders, lock } = self;
        for change in changes {
            let undone = match &change.old {
                Some(old) => files::replace(&change.path, old.as_bytes()),
                None => remove(&change.path),
            };
            if let Err(error) = undone {
                message::warn(format_args!("{}", error.explain()));
            }
        }
        for folder in folders.iter().rev() {
            // Only an empty folder is removed: cargo or the user may have put something into it.
            let _ = fs::remove_dir(folder);
        }
        let (path, text) = lock;
        let restored = match text {
            Some(text) => files::replace(&path, &text),
            None => remove(&path),
        };
        if let Err(error) = restored {
            message::warn(format_args!("{}", error.explain()));
        }
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}
