//! Where templates are.

use std::path::{Path, PathBuf};

/// The names that SAM looks for.
pub(crate) const NAMES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

/// The template in the first of the folders that has one.
pub(crate) fn find<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Option<PathBuf> {
    let paths = folders.into_iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    paths.into_iter().find(|path| path.is_file())
}
