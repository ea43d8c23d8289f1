//! A folder as a package: what `scaffold build` and `sam build` leave.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::{Contents, Entry, Mode, Package};
use crate::cargo::BOOTSTRAP;
use crate::lambda::MAX_UNPACKED;

pub(super) fn read(folder: &Path) -> io::Result<Contents> {
    let mut package = Package::default();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            continue;
        }
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let (path, mode) = (parts.join("/"), Some(mode(&metadata)));
        package.unpacked += metadata.len();
        package.files.push(Entry { path, size: metadata.len(), mode });
    }
    let bootstrap = package
        .files
        .iter()
        .find(|entry| entry.path == BOOTSTRAP && entry.size <= MAX_UNPACKED)
        .map(|_| fs::read(folder.join(BOOTSTRAP)))
        .transpose()?;
    Ok(Contents { package, bootstrap })
}

/// Where the system has no modes, the zip gets them from elsewhere, and nothing is wrong yet.
#[cfg_attr(not(unix), allow(unused_variables, reason = "it has no mode"))]
fn mode(metadata: &Metadata) -> Mode {
    #[cfg(unix)]
    return Mode(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777);
    #[cfg(not(unix))]
    Mode(0o755)
}
