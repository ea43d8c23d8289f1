//! The project's git repository, made with the program `git`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::programs;

/// The folder of the repository that the folder is in. The folder itself need not be there yet.
pub(crate) fn around(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
}

/// Whether `git` is there.
pub(crate) fn can_be_made() -> bool {
    programs::find("git").is_some()
}

/// Makes a repository in the folder, as the user's settings of git say.
pub(crate) fn make(folder: &Path) -> Result<()> {
    let fail = || Error::new("cannot make a git repository").hint("`--no-git` does without");
    let program = programs::find("git").ok_or_else(|| fail().because("`git` is not on `PATH`"))?;
    let mut git = Command::new(program);
    git.args(["init", "--quiet"]).current_dir(folder).stdin(Stdio::null());
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        git.env_remove(name);
    }
    let output = git.output().map_err(|error| fail().because(error))?;
    if output.status.success() {
        return Ok(());
    }
    Err(fail().because(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
