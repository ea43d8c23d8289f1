//! The state of the git repository before a conversion.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::files::{self, FileChange};
use crate::new_project::git;
use crate::term::error::{Error, Result};
use crate::term::quote;

const HINT: &str = "commit or stash the changes, or pass `--allow-dirty`";

/// Fails unless git can restore all files that change.
pub(crate) fn check_clean(root: &Path, changes: &[FileChange]) -> Result<()> {
    if files::git_repository(root).is_none() {
        return Err(Error::new("this project is not in a git repository, which could restore it")
            .hint("run `git init` and commit it, or pass `--allow-dirty`"));
    }
    let Some(program) = git::program() else {
        return Err(Error::new("cannot find `git`").hint("install git, or pass `--allow-dirty`"));
    };
    let status =
        run(&program, root, &["status", "--porcelain", "--untracked-files=no", "--", "."])?;
    if let Some(first) = status.lines().next() {
        let file = first.get(3..).unwrap_or(first);
        return Err(Error::new(format!("uncommitted changes, such as in `{file}`")).hint(HINT));
    }
    let old = changes.iter().filter(|change| change.old.is_some()).map(|change| &*change.path);
    for path in old {
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        let tracked = run(&program, root, &["ls-files", "--", &name])?;
        if tracked.trim().is_empty() {
            let name = quote::relative(path);
            return Err(Error::new(format!("`{name}` is not committed")).hint(HINT));
        }
    }
    Ok(())
}

fn run(program: &PathBuf, folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(name);
    }
    let fail = |cause: String| {
        Error::new("cannot read the state of the git repository")
            .because(cause)
            .hint("pass `--allow-dirty` to convert without it")
    };
    let output = command.output().map_err(|error| fail(error.to_string()))?;
    if !output.status.success() {
        return Err(fail(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
