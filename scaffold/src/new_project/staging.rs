//! The staging folder: a project is created in it, beside its destination, and moved as a whole.
//!
//! A program that is killed leaves the folder behind, and the next run removes it. A lock tells them
//! apart: every process that works in a staging folder holds it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::TempDir;

use super::file_tree;
use crate::term::error::{Error, Result};
use crate::term::message;

const PREFIX: &str = ".scaffold-";
const LOCK: &str = ".lock";

/// The contents of the lock: a folder without it belongs to somebody else.
const MARK: &str = "`scaffold new` works in this folder and removes it at the end\n";

pub(crate) struct Staging {
    folder: TempDir,
    lock: File,
}

impl Staging {
    /// Creates a staging folder in this folder.
    pub(crate) fn create(parent: &Path) -> Result<Self> {
        let fail = |error: io::Error| {
            Error::new(format!("cannot create a folder in `{}`", parent.display()))
                .because(io::Error::from(error.kind()))
                .hint("choose a writable folder with `--directory`")
        };
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent).map_err(fail)?;
        match lock(folder.path()) {
            Ok(lock) => Ok(Self { folder, lock }),
            Err(error) => {
                let folder = folder.keep();
                // This opens no file: a limit on open files can be the reason for the error.
                let _ = fs::remove_file(folder.join(LOCK));
                let _ = fs::remove_dir(folder);
                Err(fail(error))
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn remove(self) {
        let Self { folder, lock } = self;
        // Windows removes no open file.
        drop(lock);
        remove(&folder.keep());
    }
}

/// Creates the lock of a staging folder, and holds it.
fn lock(folder: &Path) -> io::Result<File> {
    let mut lock = File::create_new(folder.join(LOCK))?;
    // A system without locks keeps what is left behind.
    if lock.lock_shared().is_ok() {
        lock.write_all(MARK.as_bytes())?;
    }
    Ok(lock)
}

/// Removes a folder, or warns that it is left.
pub(crate) fn remove(folder: &Path) {
    if let Err(error) = file_tree::remove(folder) {
        message::warn(format_args!("could not remove `{}`: {error}", folder.display()));
    }
}

/// Holds the lock of the staging folder in which this process was started, if there is one.
pub(crate) fn share_lock() -> Option<File> {
    let lock = File::open(LOCK).ok()?;
    lock.lock_shared().ok()?;
    Some(lock)
}

/// Removes the staging folders in this folder that a killed program has left behind.
pub(crate) fn remove_abandoned(parent: &Path) {
    for entry in parent.read_dir().into_iter().flatten().flatten() {
        let folder = entry.path();
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_abandoned(&folder) {
            remove(&folder);
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    let Ok(lock) = File::open(folder.join(LOCK)) else { return false };
    let mut contents = String::new();
    // One byte more shows that the file is longer.
    let is_read = (&lock).take(MARK.len() as u64 + 1).read_to_string(&mut contents).is_ok();
    is_read && contents == MARK && lock.try_lock().is_ok()
}
