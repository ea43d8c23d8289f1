//! Reading a folder as a package, such as the output of `scaffold build` or `sam build`.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::package::{Contents, DeploymentPackage, FileMode, PackagedFile};
use crate::aws::{BOOTSTRAP, MAX_UNPACKED};

pub(super) fn read(folder: &Path) -> io::Result<Contents> {
    let mut package = DeploymentPackage::default();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            continue;
        }
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let (path, mode) = (parts.join("/"), Some(mode(&metadata)));
        if !metadata.is_file() {
            return Err(io::Error::other(format!("`{path}` is not a regular file")));
        }
        package.unpacked = package.unpacked.saturating_add(metadata.len());
        package.files.push(PackagedFile { path, size: metadata.len(), mode });
    }
    let bootstrap = package
        .files
        .iter()
        .find(|entry| entry.path == BOOTSTRAP && entry.size <= MAX_UNPACKED)
        .map(|_| fs::read(folder.join(BOOTSTRAP)))
        .transpose()?;
    Ok(Contents { package, bootstrap })
}

/// Reads the mode. Systems without modes get that of an executable, as `scaffold package` sets it.
#[cfg_attr(not(unix), allow(unused_variables, reason = "the system has no modes"))]
fn mode(metadata: &Metadata) -> FileMode {
    #[cfg(unix)]
    return FileMode(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777);
    #[cfg(not(unix))]
    FileMode(0o755)
}
