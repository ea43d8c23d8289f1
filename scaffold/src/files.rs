//! Files and folders of the user, read with errors that name them.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use tempfile::NamedTempFile;

use crate::term::error::{Error, ErrorContext, Result};
use crate::term::message;

/// Returns the folder that the program was started in.
pub(crate) fn current_folder() -> Result<PathBuf> {
    env::current_dir().context(|| "cannot read the current folder")
}

/// Finds the git repository that encloses a folder, which need not exist yet.
pub(crate) fn git_repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).context(|| format!("cannot read `{}`", path.display()))
}

/// Tells whether two paths name the same file or folder.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    dunce::canonicalize(one).is_ok_and(|one| dunce::canonicalize(other).ok() == Some(one))
}

/// Reads a text file, if there is one.
pub(crate) fn read_text_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context(|| format!("cannot read `{}`", path.display())),
    }
}

/// A change of a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileChange {
    pub(crate) path: PathBuf,
    /// The text so far; `None` if there is no such file.
    pub(crate) old: Option<String>,
    pub(crate) new: String,
}

impl FileChange {
    /// A new file.
    pub(crate) fn new(path: PathBuf, new: String) -> Self {
        Self { path, old: None, new }
    }

    /// A new text of a file.
    pub(crate) fn edit(path: PathBuf, old: impl Into<String>, new: String) -> Self {
        Self { path, old: Some(old.into()), new }
    }

    /// Fails if the file is no longer what it was.
    fn check(&self) -> Result<()> {
        if read_text_if_there(&self.path)? == self.old {
            return Ok(());
        }
        Err(Error::new(format!("`{}` changed in the meantime", self.path.display()))
            .hint("run the command again"))
    }

    /// Puts back what the file was.
    fn undo(&self) -> Result<()> {
        match &self.old {
            Some(old) => replace(&self.path, old.as_bytes()),
            None => remove(&self.path),
        }
    }
}

/// Writes files, all or none of them.
pub(crate) fn write_all(changes: &[FileChange]) -> Result<WrittenFiles<'_>> {
    let mut written = WrittenFiles { changes: &[], folders: Vec::new() };
    match written.write(changes) {
        Ok(()) => Ok(written),
        Err(error) => {
            written.undo();
            Err(error)
        }
    }
}

/// Files that were written.
pub(crate) struct WrittenFiles<'a> {
    changes: &'a [FileChange],
    /// The folders that were created for them.
    folders: Vec<PathBuf>,
}

impl<'a> WrittenFiles<'a> {
    fn write(&mut self, changes: &'a [FileChange]) -> Result<()> {
        let mut staged = Vec::new();
        for change in changes {
            change.check()?;
            let folder = change.path.parent().unwrap_or(Path::new(""));
            let missing: Vec<&Path> = folder.ancestors().take_while(|it| !it.exists()).collect();
            for folder in missing.into_iter().rev() {
                fs::create_dir(folder)
                    .context(|| format!("cannot create `{}`", folder.display()))?;
                self.folders.push(folder.to_owned());
            }
            staged.push(StagedFile::new(&change.path, change.new.as_bytes())?);
        }
        for (index, file) in staged.into_iter().enumerate() {
            file.persist()?;
            self.changes = changes.get(..=index).unwrap_or(changes);
        }
        Ok(())
    }

    /// Puts everything back. A failure is a warning, as there is an error already.
    pub(crate) fn undo(self) {
        let Self { changes, folders } = self;
        for error in changes.iter().filter_map(|change| change.undo().err()) {
            message::warn(format_args!("{}", error.explain()));
        }
        for folder in folders.iter().rev() {
            // Only an empty folder is removed: another program can have put something into it.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Removes a file if there is one.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all: beside it first, and then in its place.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    StagedFile::new(path, contents)?.persist()
}

/// A file that stands beside the one that it replaces.
struct StagedFile {
    file: NamedTempFile<File>,
    path: PathBuf,
}

impl StagedFile {
    fn new(path: &Path, contents: &[u8]) -> Result<Self> {
        let cannot_write = || format!("cannot write `{}`", path.display());
        // A link stays one.
        let path = dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // With the mode that the user's `umask` gives a new file, or that of the file which it replaces.
        let mut file = tempfile::Builder::new()
            .prefix(".scaffold-")
            .make_in(folder, |path| File::create_new(path))
            .context(cannot_write)?;
        if let Ok(metadata) = fs::metadata(&path) {
            fs::set_permissions(file.path(), metadata.permissions()).context(cannot_write)?;
        }
        file.write_all(contents).context(cannot_write)?;
        Ok(Self { file, path })
    }

    fn persist(self) -> Result<()> {
        let Self { file, path } = self;
        let persisted = file.persist(&path).map_err(|error| error.error);
        persisted.map(drop).context(|| format!("cannot write `{}`", path.display()))
    }
}

/// Reads a text file of up to `limit` bytes. Pipes and devices are refused: they can block, or have no end.
pub(crate) fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut text = String::new();
    File::open(path)?.take(limit + 1).read_to_string(&mut text)?;
    if text.len() as u64 > limit {
        let message = format!("it is larger than {} MB", limit >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_all_files_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let read = |name: &str| fs::read_to_string(path(name)).ok();
        fs::write(path("old"), "1").unwrap();
        let edit = FileChange::edit(path("old"), "1", "2".to_owned());

        // A file cannot stand below another one, and one that has changed is not overwritten.
        let below_file = FileChange::new(path("old/new"), String::new());
        let changed = FileChange::edit(path("old"), "0", "3".to_owned());
        for wrong in [below_file, changed] {
            assert!(write_all(&[edit.clone(), wrong]).is_err());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            assert_eq!(read("old").as_deref(), Some("1"));
        }

        let new = FileChange::new(path("events/new"), "new".to_owned());
        let changes = [edit, new];
        let written = write_all(&changes).unwrap();
        assert_eq!(
            (read("old").as_deref(), read("events/new").as_deref()),
            (Some("2"), Some("new"))
        );

        written.undo();
        assert_eq!(read("old").as_deref(), Some("1"));
        assert!(!path("events").exists());
    }
}
