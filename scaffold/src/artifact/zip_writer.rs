//! Writing the zip that is uploaded to Lambda.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::include::InputFile;
use crate::aws::BOOTSTRAP;
use crate::term::error::{Error, ErrorContext, Result};

/// Returns the path of the zip beside an executable.
pub(crate) fn zip_beside(executable: &Path) -> PathBuf {
    executable.with_file_name("bootstrap.zip")
}

/// Writes a zip of an executable and included files; a failure leaves no partial file behind.
///
/// The zip depends only on names, contents and executable bits: the same input gives the same bytes
/// on any system, at any time.
pub(crate) fn write_zip(
    output: &Path,
    executable: PathBuf,
    included: Vec<InputFile>,
) -> Result<()> {
    let cannot_write = |error: io::Error| {
        Error::new(format!("cannot write `{}`", output.display())).because(error)
    };
    let folder = output.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(cannot_write)?;
    let staged = tempfile::Builder::new()
        .prefix(".bootstrap-")
        .make_in(folder, |path| File::create_new(path))
        .map_err(cannot_write)?;
    let executable =
        InputFile { path: executable, name: BOOTSTRAP.to_owned(), is_executable: true };
    let mut zip = ZipWriter::new(BufWriter::new(staged.as_file()));
    for InputFile { path, name, is_executable } in [executable].into_iter().chain(included) {
        let cannot_read = || format!("cannot read `{}`", path.display());
        let mut file = File::open(&path).context(cannot_read)?;
        let size = file.metadata().context(cannot_read)?.len();
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .unix_permissions(if is_executable { 0o755 } else { 0o644 })
            .last_modified_time(DateTime::default())
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .large_file(size >= u64::from(u32::MAX));
        zip.start_file(name, options).map_err(|error| cannot_write(error.into()))?;
        io::copy(&mut file, &mut zip).map_err(cannot_write)?;
    }
    zip.finish()
        .map_err(io::Error::from)
        .and_then(|mut file| file.flush())
        .map_err(cannot_write)?;
    staged.persist(output).map_err(|error| cannot_write(error.error))?;
    Ok(())
}
