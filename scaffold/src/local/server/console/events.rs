//! The events that the project keeps in its folders `events`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::local::console::Console;
use crate::local::server::deployment::Deployment;
use crate::term::quote;

/// The number of events that the console lists.
const MAX_LISTED: usize = 200;

/// Returns the paths of the events, relative to the project's folder.
pub(super) fn list(console: &Console, deployment: &Deployment) -> BTreeSet<String> {
    let folders: BTreeSet<_> = deployment.functions().map(|it| it.folder.join("events")).collect();
    let files = folders.iter().filter_map(|folder| folder.read_dir().ok()).flatten();
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let events = paths.filter(|path| path.extension().is_some_and(|it| it == "json"));
    events.filter_map(|path| relative(console, &path)).take(MAX_LISTED).collect()
}

/// Reads one of the events that [`list`] returns.
pub(super) fn read(
    console: &Console,
    deployment: Option<&Deployment>,
    name: &str,
) -> Option<Vec<u8>> {
    let listed = list(console, deployment?);
    listed.contains(name).then(|| std::fs::read(console.root.join(name)).ok()).flatten()
}

/// Saves an event beside those of a function, and returns its path relative to the project's folder. It
/// never replaces a file.
pub(super) fn save(
    console: &Console,
    deployment: Option<&Deployment>,
    function: Option<&str>,
    name: &str,
    event: &[u8],
) -> Result<String, String> {
    let name = name.strip_suffix(".json").unwrap_or(name);
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_valid) {
        return Err("use letters, digits, `-`, `_` and `.` for the name".to_owned());
    }
    let functions = deployment.into_iter().flat_map(Deployment::functions);
    let folder = functions
        .filter(|it| function.is_none_or(|name| it.name == name))
        .map(|it| it.folder.join("events"))
        .next()
        .ok_or("the function no longer exists")?;
    let path = folder.join(format!("{name}.json"));
    let cannot =
        |error: std::io::Error| format!("cannot write `{}`: {error}", quote::relative(&path));
    std::fs::create_dir_all(&folder).map_err(cannot)?;
    let mut file = tempfile::Builder::new()
        .prefix(".scaffold-")
        .make_in(&folder, |path| std::fs::File::create_new(path))
        .map_err(cannot)?;
    file.write_all(event).map_err(cannot)?;
    file.persist_noclobber(&path).map_err(|failed| match failed.error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("`{}` exists", quote::relative(&path)),
        _ => cannot(failed.error),
    })?;
    Ok(relative(console, &path).unwrap_or_default())
}

/// Returns the path with slashes, relative to the project's folder.
fn relative(console: &Console, path: &Path) -> Option<String> {
    let path: PathBuf = path.strip_prefix(&console.root).ok()?.to_owned();
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}
