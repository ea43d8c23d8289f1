//! Files and folders of the user, read with errors that name them.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::term::error::{ErrorContext, Result};

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

/// Reads a text file of up to `limit` bytes. Pipes and devices are refused: they can block, or have no end.
pub(crate) fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut text = String::new();
    File::open(path)?.take(limit + 1).read_to_string(&mut text)?;
    if text.len() as u64 > limit {
        let message = format!("it is larger than {} MB", limit >> 20);
        return Err(Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}
