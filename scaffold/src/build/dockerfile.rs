//! The `Dockerfile` of a project: whether a function can be built with it.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::cargo::{Binary, Selection};
use crate::aws::BOOTSTRAP;
use crate::term::error::{Error, Result};

/// The stage of a `Dockerfile` that holds only the executable.
pub(super) const STAGE: &str = "artifact";

/// The fix for sources that a container does not get.
pub(super) const MOVE_SOURCES: &str =
    "move it into the project, as `scaffold new --runtime embedded` does";

/// Finds the folder of the package or of the workspace that has a `Dockerfile` with the stage.
pub(super) fn find(binary: &Binary) -> Option<PathBuf> {
    let stage = Regex::new(&format!(r"(?im)^\s*FROM\s.*\sAS\s+{STAGE}\s*$")).ok()?;
    [binary.folder(), &binary.workspace].into_iter().find_map(|folder| {
        let text = fs::read_to_string(folder.join("Dockerfile")).ok()?;
        stage.is_match(&text).then(|| folder.to_owned())
    })
}

/// Explains why a container would not get all sources: it gets only the folder of the `Dockerfile`.
pub(super) fn missing_sources(binary: &Binary, folder: &Path) -> Option<String> {
    let (name, path) = binary.outside_of(folder)?;
    let (path, folder) = (path.display(), folder.display());
    Some(format!("a container gets only `{folder}`, but the crate `{name}` is in `{path}`"))
}

/// Fails if a container that gets this folder would not get all sources of the function in it.
pub(crate) fn check_sources(folder: &Path) -> Result<()> {
    let manifest_path = folder.join("Cargo.toml");
    if !manifest_path.is_file() {
        return Ok(());
    }
    let bin = BOOTSTRAP.to_owned();
    let binary = Selection { manifest_path: Some(manifest_path), package: None, bin }.find()?;
    missing_sources(&binary, folder).map_or(Ok(()), |why| Err(Error::new(why).hint(MOVE_SOURCES)))
}
