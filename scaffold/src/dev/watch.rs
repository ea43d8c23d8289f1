//! Tells when a file has changed that an answer depends on.
//!
//! Cargo itself knows which files those are: it lists them beside each executable, build scripts'
//! inputs and files that are included among them. Until it has built, the sources of the workspace's
//! packages stand in for them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::timeout;
use walkdir::WalkDir;

use super::build::Built;
use super::plan::Plan;
use crate::application::NAMES;
use crate::error::{Error, Result};

/// How long no more files change once all that belong together have.
const QUIET: Duration = Duration::from_millis(20);

/// Files that matter whatever cargo says: it reads them before it can say anything.
const ALWAYS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"];

/// A watch over the inputs of a project.
#[derive(Debug)]
pub(crate) struct Watcher {
    watcher: RecommendedWatcher,
    events: mpsc::UnboundedReceiver<PathBuf>,
    folders: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
    /// Those among them that the template is, and names.
    described: BTreeSet<PathBuf>,
    target: PathBuf,
    /// As cargo left it: it writes this one itself.
    lock: (PathBuf, Option<SystemTime>),
}

impl Watcher {
    pub(crate) fn new() -> Result<Self> {
        let (sender, events) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            let is_change = match event.kind {
                EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
                EventKind::Create(_) | EventKind::Remove(_) | EventKind::Any => true,
                // What only has its time changed too, as cargo goes by that.
                EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
                EventKind::Other => false,
            };
            for path in event.paths.into_iter().filter(|_| is_change) {
                // Nobody listens once the program ends.
                let _ = sender.send(path);
            }
        })
        .map_err(|error| Error::new("cannot watch files").because(error))?;
        Ok(Self {
            watcher,
            events,
            folders: BTreeSet::new(),
            files: BTreeSet::new(),
            described: BTreeSet::new(),
            target: PathBuf::new(),
            lock: (PathBuf::new(), None),
        })
    }

    /// Watches what this project is made from.
    pub(crate) fn watch(&mut self, plan: &Plan, built: &[Built]) {
        self.target = real(plan.workspace.target());
        let lock = real(plan.workspace.root()).join("Cargo.lock");
        self.lock = (lock.clone(), modified(&lock));
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        folders.insert(plan.workspace.root().to_owned());
        folders.insert(plan.workspace.root().join(".cargo"));
        for folder in plan.workspace.folders() {
            folders.insert(folder.to_owned());
            folders.extend(below(&folder.join("src")));
        }
        self.described = plan.application.files.iter().map(|path| real(path)).collect();
        let mut files = self.described.clone();
        // A link changes, or what it leads to.
        for path in files.iter().chain(&plan.application.files) {
            folders.extend(path.parent().map(Path::to_owned));
        }
        for input in built.iter().flat_map(|built| inputs(&built.original)) {
            if input.is_dir() {
                folders.extend(below(&input));
            } else {
                folders.extend(input.parent().map(Path::to_owned));
            }
            files.insert(real(&input));
        }
        if built.is_empty() {
            self.files.extend(files);
        } else {
            self.files = files;
        }
        for folder in folders {
            self.watch_folder(&folder);
        }
    }

    /// Watches a file that the template is, or names, and that could not be read as one.
    pub(crate) fn watch_description(&mut self, file: &Path) {
        let file = real(file);
        if let Some(folder) = file.parent() {
            self.watch_folder(folder);
        }
        self.files.insert(file.clone());
        self.described.insert(file);
    }

    fn watch_folder(&mut self, folder: &Path) {
        let folder = real(folder);
        if !self.folders.contains(&folder)
            && !folder.starts_with(&self.target)
            && self.watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok()
        {
            self.folders.insert(folder);
        }
    }

    /// Waits until a file has changed that matters, and gives it.
    pub(crate) async fn changed(&mut self) -> PathBuf {
        loop {
            let Some(path) = self.events.recv().await else {
                // The watcher, which has the sender, is in `self`.
                return std::future::pending().await;
            };
            if self.matters(&path) {
                return path;
            }
        }
    }

    /// Waits until no more files change for a moment: editors write several, and some more than once.
    pub(crate) async fn quiet(&mut self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        while let Ok(path) = timeout(QUIET, self.changed()).await {
            paths.push(path);
        }
        paths
    }

    /// Whether the path changes what a project is, and not only what is in its sources.
    pub(crate) fn is_manifest(&self, path: &Path) -> bool {
        let is_named = |name: &&str| path.file_name().is_some_and(|other| other == *name);
        is_named(&"Cargo.toml")
            || NAMES.iter().any(is_named)
            || self.described.contains(&real(path))
    }

    fn matters(&mut self, path: &Path) -> bool {
        let path = in_real_folder(path);
        if path.starts_with(&self.target) || (path.clone(), modified(&path)) == self.lock {
            return false;
        }
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let is_input = path.ancestors().any(|path| self.files.contains(path));
        if path.is_dir() {
            // A folder with sources in it may have been moved here.
            let is_source = path.components().any(|part| part.as_os_str() == "src");
            let may_matter = is_input || (is_source && !name.starts_with('.'));
            if may_matter {
                for folder in below(&path) {
                    self.watch_folder(&folder);
                }
            }
            return may_matter;
        }
        is_input
            // Editors keep their own in hidden ones.
            || (path.extension().is_some_and(|extension| extension == "rs")
                && !name.starts_with('.'))
            || ALWAYS.contains(&name.as_ref())
            || NAMES.contains(&name.as_ref())
            || path.ends_with(".cargo/config.toml")
    }
}

/// A folder and those in it.
fn below(folder: &Path) -> impl Iterator<Item = PathBuf> {
    WalkDir::new(folder)
        .into_iter()
        .filter_map(std::result::Result::ok)
        .filter(|entry| entry.file_type().is_dir())
        .map(walkdir::DirEntry::into_path)
}

/// The files that cargo says an executable was made from.
fn inputs(executable: &Path) -> Vec<PathBuf> {
    let rule = std::fs::read_to_string(executable.with_extension("d")).unwrap_or_default();
    let Some((_, inputs)) = rule.split_once(": ") else { return Vec::new() };
    // As make has it: spaces in names are escaped.
    let inputs = inputs.trim_end().replace("\\ ", "\0");
    inputs
        .split(' ')
        .filter(|path| !path.is_empty())
        .map(|path| path.replace('\0', " ").into())
        .collect()
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

fn real(path: &Path) -> PathBuf {
    dunce::canonicalize(path).unwrap_or_else(|_| in_real_folder(path))
}

/// The path of a file that may be gone, or a link.
fn in_real_folder(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| dunce::canonicalize(folder).ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
