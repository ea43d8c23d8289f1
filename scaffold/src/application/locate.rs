//! Where templates are, and what they name.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::document::{Node, Value};

/// The names that SAM looks for.
pub(crate) const NAMES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

/// The template in the first of the folders that has one.
pub(crate) fn find<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Option<PathBuf> {
    let paths = folders.into_iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    paths.into_iter().find(|path| path.is_file())
}

/// The file that a template in `folder` names; what it names in place of one, such as a URL.
pub(super) fn file(folder: &Path, location: &Node) -> Result<PathBuf, String> {
    let path = match &location.value {
        Value::Text(text) => match text.strip_prefix("file://") {
            Some(path) => percent_decode_str(path).decode_utf8_lossy().into_owned(),
            None if text.contains("://") => return Err(text.clone()),
            None => text.clone(),
        },
        Value::Unknown(what) => return Err(what.clone()),
        _ => {
            let text = |name| location.text_of(name);
            return Err(match (text("Bucket"), text("Key"), text("ApplicationId")) {
                (Some(bucket), Some(key), _) => format!("s3://{bucket}/{key}"),
                (.., Some(id)) => id.to_owned(),
                _ => "…".to_owned(),
            });
        }
    };
    // Without `.` and `..` in its middle it is the path that it is known by.
    let path = folder.join(path);
    Ok(dunce::canonicalize(&path).unwrap_or(path))
}
