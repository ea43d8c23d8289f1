//! The project's git repository, created by the program `git`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::background::Background;
use crate::process::interrupt;
use crate::process::programs;
use crate::term::error::{Error, Result};

/// Finds the program.
pub(crate) fn program() -> Option<PathBuf> {
    programs::find("git")
}

/// A repository that `git` creates beside the project, to be moved into it.
pub(crate) struct NewRepository {
    folder: PathBuf,
    git: Background,
}

impl NewRepository {
    /// Starts to create a repository in a staging folder, with the user's git settings.
    pub(crate) fn start(program: &Path, staging: &Path) -> Result<Self> {
        let folder = staging.join(".repository");
        let mut git = Command::new(program);
        git.args(["init", "--quiet"]).arg(&folder);
        git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
            git.env_remove(name);
        }
        let git = Background::start(&mut git).map_err(fail)?;
        Ok(Self { folder, git })
    }

    pub(crate) fn move_to(self, project: &Path) -> Result<()> {
        let output = self.git.finish().map_err(fail)?;
        interrupt::check_child(output.status)?;
        if !output.status.success() {
            return Err(fail(String::from_utf8_lossy(&output.stderr).trim()));
        }
        fs::rename(self.folder.join(".git"), project.join(".git")).map_err(fail)
    }
}

/// The error if no repository can be created.
pub(crate) fn fail(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new("cannot create a git repository").hint("pass `--no-git` to skip it").because(cause)
}
