//! The files that a template refers to.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::yaml::{Node, NodeValue};
use crate::files;

/// The size in bytes up to which files are read: more than `CloudFormation` and API Gateway accept.
pub(super) const MAX_FILE_SIZE: u64 = 8 << 20;

/// Reads the file that a template refers to, and returns its path too. If it is not a readable local
/// file, warns that `part` is skipped; `noun` says what the file is.
pub(super) fn read(
    location: &Node,
    part: &str,
    noun: &str,
    diagnostics: &mut Diagnostics,
) -> Option<(PathBuf, String)> {
    let (reason, hint) = match local_path(diagnostics.folder(), location) {
        Err(reference) => (
            format!("its {noun} `{reference}` is not a local file"),
            "use a path, which SAM uploads at deployment",
        ),
        Ok(path) => match files::read_text(&path, MAX_FILE_SIZE) {
            Ok(text) => return Some((path, text)),
            Err(error) => {
                let reason = format!("cannot read its {noun} `{}`: {error}", path.display());
                diagnostics.files.push(path);
                (reason, "paths are relative to the template's folder")
            }
        },
    };
    let message = format!("skipping {part}: {reason}");
    diagnostics.warn(Diagnostic::new(location.line, message).hint(hint));
    None
}

/// Returns the path of a local file, or the text of a reference to something else, such as a URL.
fn local_path(folder: &Path, location: &Node) -> Result<PathBuf, String> {
    let path = match &location.value {
        NodeValue::Text(text) => match text.strip_prefix("file://") {
            Some(path) => percent_decode_str(path).decode_utf8_lossy().into_owned(),
            None if text.contains("://") => return Err(text.clone()),
            None => text.clone(),
        },
        NodeValue::Unknown(call) => return Err(call.clone()),
        _ => {
            let text = |name| location.text_of(name);
            return Err(match (text("Bucket"), text("Key"), text("ApplicationId")) {
                (Some(bucket), Some(key), _) => format!("s3://{bucket}/{key}"),
                (.., Some(id)) => id.to_owned(),
                _ => "…".to_owned(),
            });
        }
    };
    // The file watcher knows files by their canonical paths.
    let path = folder.join(path);
    Ok(dunce::canonicalize(&path).unwrap_or(path))
}
