//! A zip, read as Lambda would unpack it.

use std::fs::File;
use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::{Code, Contents, Entry, Mode, Package, Problem};
use crate::cargo::BOOTSTRAP;
use crate::lambda::MAX_UNPACKED;

/// What makes a zip that has none of the problems found here.
const MEND: &str = "make it anew with `scaffold package`";

pub(super) fn read(file: File, problems: &mut Vec<Problem>) -> io::Result<Contents> {
    let mut package = Package { packed: Some(file.metadata()?.len()), ..Package::default() };
    let mut bootstrap = None;
    let mut archive = match ZipArchive::new(BufReader::new(file)) {
        Ok(archive) => archive,
        Err(ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
            return Err(error);
        }
        Err(error) => {
            problems.push(damaged("the zip", &error));
            return Ok(Contents { package, bootstrap });
        }
    };
    if archive.has_duplicate_names() {
        let message = "two files in the zip have the same name: which of them Lambda takes is luck";
        problems.push(Problem::new(Code::Duplicate, message).hint(MEND));
    }
    for index in 0..archive.len() {
        let mut file = match archive.by_index(index) {
            Ok(file) => file,
            Err(error) => {
                problems.push(damaged(&format!("file {index} of the zip"), &error));
                continue;
            }
        };
        let path = String::from_utf8_lossy(file.name_raw()).into_owned();
        check_path(&path, &file, problems);
        if file.is_dir() {
            continue;
        }
        // What the zip says of sizes may be wrong; what comes out counts, up to the limit.
        let limit = MAX_UNPACKED.saturating_sub(package.unpacked).saturating_add(1);
        let mut bytes = Vec::new();
        let mut content = file.by_ref().take(limit);
        let read = if path == BOOTSTRAP {
            content.read_to_end(&mut bytes).map(|read| read as u64)
        } else {
            io::copy(&mut content, &mut io::sink())
        };
        let size = match read {
            Ok(size) => size,
            Err(error) => {
                problems.push(damaged(&format!("`{path}`"), &error));
                file.size().min(limit)
            }
        };
        package.unpacked = package.unpacked.saturating_add(size);
        let mode = file.unix_mode().map(|mode| Mode(mode & 0o7777));
        if path == BOOTSTRAP && package.unpacked <= MAX_UNPACKED && !file.is_symlink() {
            bootstrap = Some(bytes);
        }
        package.files.push(Entry { path, size, mode });
        if package.unpacked > MAX_UNPACKED {
            break;
        }
    }
    Ok(Contents { package, bootstrap })
}

fn damaged(what: &str, error: &(dyn std::error::Error + 'static)) -> Problem {
    Problem::new(Code::Damaged, format!("{what} cannot be unpacked: {error}")).hint(MEND)
}

fn check_path<R: Read>(path: &str, file: &ZipFile<'_, R>, problems: &mut Vec<Problem>) {
    let message = if path.contains('\\') {
        format!("`{path}` has `\\` in its name, which is no folder on Linux")
    } else if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        format!("`{path}` would be unpacked outside of the function's folder")
    } else if path == BOOTSTRAP && file.is_symlink() {
        format!("`{path}` is a symbolic link, and not the executable")
    } else {
        return;
    };
    problems.push(Problem::new(Code::Path, message).hint(MEND));
}
