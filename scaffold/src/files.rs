//! Embedded files, written to the disk.

use std::path::Path;
use std::{fs, io};

use lambda_native_templates::File;

/// Writes the files below `folder`, making it and theirs.
pub(crate) fn write(folder: &Path, files: &[File]) -> io::Result<()> {
    for file in files {
        let path = folder.join(file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, file.contents)?;
    }
    Ok(())
}
