//! Reading a zip as Lambda would unpack it.

use std::fs::File;
use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::finding::{Finding, FindingCode};
use super::package::{Contents, DeploymentPackage, FileMode, PackagedFile};
use crate::aws::{BOOTSTRAP, MAX_UNPACKED};

const FIX: &str = "write the zip with `scaffold package`";

pub(super) fn read(file: File, findings: &mut Vec<Finding>) -> io::Result<Contents> {
    let mut package =
        DeploymentPackage { packed: Some(file.metadata()?.len()), ..DeploymentPackage::default() };
    let mut bootstrap = None;
    let mut archive = match ZipArchive::new(BufReader::new(file)) {
        Ok(archive) => archive,
        Err(ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
            return Err(error);
        }
        Err(error) => {
            findings.push(damaged("the zip", &error));
            return Ok(Contents { package, bootstrap });
        }
    };
    if archive.has_duplicate_names() {
        let message =
            "two files in the zip have the same name, so it is unclear which one Lambda uses";
        findings.push(Finding::new(FindingCode::Duplicate, message).hint(FIX));
    }
    for index in 0..archive.len() {
        let mut file = match archive.by_index(index) {
            Ok(file) => file,
            Err(error) => {
                findings.push(damaged(&format!("file {index} of the zip"), &error));
                continue;
            }
        };
        let path = String::from_utf8_lossy(file.name_raw()).into_owned();
        check_path(&path, &file, findings);
        if file.is_dir() {
            continue;
        }
        // The sizes in the zip can be wrong, so the unpacked bytes are counted, up to the limit.
        let limit = MAX_UNPACKED.saturating_sub(package.unpacked).saturating_add(1);
        let mut bytes = Vec::new();
        let mut content = file.by_ref().take(limit);
        let read = if path == BOOTSTRAP {
            content.read_to_end(&mut bytes).map(|read| read as u64)
        } else {
            io::copy(&mut content, &mut io::sink())
        };
        let size = match read {
            Ok(size) => {
                if size < limit && size != file.size() {
                    let message = format!(
                        "`{path}` has {size} bytes, but the zip says that it has {}",
                        file.size()
                    );
                    findings.push(Finding::new(FindingCode::Damaged, message).hint(FIX));
                }
                size
            }
            Err(error) => {
                findings.push(damaged(&format!("`{path}`"), &error));
                file.size().min(limit)
            }
        };
        package.unpacked = package.unpacked.saturating_add(size);
        let mode = file.unix_mode().map(|mode| FileMode(mode & 0o7777));
        if path == BOOTSTRAP && package.unpacked <= MAX_UNPACKED && !file.is_symlink() {
            bootstrap = Some(bytes);
        }
        package.files.push(PackagedFile { path, size, mode });
        if package.unpacked > MAX_UNPACKED {
            break;
        }
    }
    Ok(Contents { package, bootstrap })
}

fn damaged(what: &str, error: &(dyn std::error::Error + 'static)) -> Finding {
    Finding::new(FindingCode::Damaged, format!("{what} cannot be unpacked: {error}")).hint(FIX)
}

fn check_path<R: Read>(path: &str, file: &ZipFile<'_, R>, findings: &mut Vec<Finding>) {
    let message = if path.contains('\\') {
        format!("`{path}` has `\\` in its name, which does not separate folders on Linux")
    } else if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        format!("`{path}` would be unpacked outside of the function's folder")
    } else if path == BOOTSTRAP && file.is_symlink() {
        format!("`{path}` is a symbolic link, not an executable")
    } else {
        return;
    };
    findings.push(Finding::new(FindingCode::Path, message).hint(FIX));
}
