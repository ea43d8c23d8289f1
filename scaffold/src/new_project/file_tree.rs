//! The files below a folder, by their relative paths with `/` between the parts.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use walkdir::WalkDir;

/// Files and their contents.
pub(crate) type FileTree = BTreeMap<String, Vec<u8>>;

/// Writes files below a folder, which must exist.
pub(crate) fn write<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> io::Result<()> {
    let mut current = "";
    for (path, contents) in files {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if parent != current {
            fs::create_dir_all(folder.join(parent))?;
            current = parent;
        }
        fs::write(folder.join(path), contents)?;
    }
    Ok(())
}

/// Reads the files below a folder, except those of git.
pub(crate) fn read(folder: &Path) -> io::Result<FileTree> {
    let mut files = FileTree::new();
    let entries = WalkDir::new(folder).into_iter().filter_entry(|it| it.file_name() != ".git");
    for entry in entries {
        let entry = entry?;
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(parts.join("/"), fs::read(entry.path())?);
        }
    }
    Ok(files)
}

/// Removes a folder. It opens one folder at a time: this has to work even if a limit on open files is
/// the reason for it.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    for entry in WalkDir::new(folder).contents_first(true).max_open(1) {
        let entry = entry?;
        let is_folder = entry.file_type().is_dir();
        if is_folder { fs::remove_dir(entry.path()) } else { fs::remove_file(entry.path()) }?;
    }
    Ok(())
}
