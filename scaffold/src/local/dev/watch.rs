//! Watches the files from which the functions are built.
//!
//! Cargo lists these files beside each executable, including build scripts' inputs and included files.
//! Before the first build, the sources of the workspace's packages are watched instead.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::timeout;
use walkdir::WalkDir;

use super::executables::BuiltExecutable;
use crate::local::application::LocalApplication;
use crate::sam::TEMPLATE_NAMES;
use crate::term::error::{Error, Result};

/// The pause after which a series of changes counts as complete.
const QUIET: Duration = Duration::from_millis(20);

/// Files that always matter: cargo reads them and does not list them.
const ALWAYS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"];

/// A watch over the inputs of a project.
#[derive(Debug)]
pub(super) struct Watcher {
    watcher: RecommendedWatcher,
    events: mpsc::UnboundedReceiver<PathBuf>,
    folders: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
    /// The template, the files among `files` that it names, and those with environment variables.
    described: BTreeSet<PathBuf>,
    target: PathBuf,
    /// `Cargo.lock` as cargo left it: cargo's own changes do not count.
    lock: (PathBuf, Option<SystemTime>),
}

impl Watcher {
    pub(super) fn new() -> Result<Self> {
        let (sender, events) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            let is_change = match event.kind {
                EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
                EventKind::Create(_) | EventKind::Remove(_) | EventKind::Any => true,
                // This includes `touch`: cargo rebuilds a file whose time has changed.
                EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
                EventKind::Other => false,
            };
            for path in event.paths.into_iter().filter(|_| is_change) {
                // Sending fails only while the program ends.
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

    /// Watches the files of this application and the inputs of these executables.
    pub(super) fn watch(&mut self, application: &LocalApplication, built: &[BuiltExecutable]) {
        let LocalApplication { workspace, template, environment, .. } = application;
        self.target = real(workspace.target());
        let lock = real(workspace.root()).join("Cargo.lock");
        self.lock = (lock.clone(), modified(&lock));
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        folders.insert(workspace.root().to_owned());
        folders.insert(workspace.root().join(".cargo"));
        for folder in workspace.folders() {
            folders.insert(folder.to_owned());
            folders.extend(below(&folder.join("src")));
        }
        let read = || template.files().iter().chain(environment.files());
        self.described = read().map(|path| real(path)).collect();
        let mut files = self.described.clone();
        // A symbolic link can change, or its target.
        for path in files.iter().chain(read()) {
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

    /// Watches a template, or a file that it names, that could not be read.
    pub(super) fn watch_description(&mut self, file: &Path) {
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

    /// Waits until a file that matters has changed, and returns it.
    pub(super) async fn changed(&mut self) -> PathBuf {
        loop {
            let Some(path) = self.events.recv().await else {
                // Never reached: the watcher in `self` has the sender.
                return std::future::pending().await;
            };
            if self.matters(&path) {
                return path;
            }
        }
    }

    /// Waits for a pause in the changes, and returns the files: editors write several, some of them twice.
    pub(super) async fn quiet(&mut self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        while let Ok(path) = timeout(QUIET, self.changed()).await {
            paths.push(path);
        }
        paths
    }

    /// Returns whether a change of this file means that the application must be read again.
    pub(super) fn is_manifest(&self, path: &Path) -> bool {
        let is_named = |name: &&str| path.file_name().is_some_and(|other| other == *name);
        is_named(&"Cargo.toml")
            || TEMPLATE_NAMES.iter().any(is_named)
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
            // A folder with sources can have been moved here.
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
            // Hidden files are an editor's own.
            || (path.extension().is_some_and(|extension| extension == "rs")
                && !name.starts_with('.'))
            || ALWAYS.contains(&name.as_ref())
            || TEMPLATE_NAMES.contains(&name.as_ref())
            || path.ends_with(".cargo/config.toml")
    }
}

/// Lists a folder and the folders in it.
fn below(folder: &Path) -> impl Iterator<Item = PathBuf> {
    WalkDir::new(folder)
        .into_iter()
        .filter_map(std::result::Result::ok)
        .filter(|entry| entry.file_type().is_dir())
        .map(walkdir::DirEntry::into_path)
}

/// Reads the list of the files from which cargo has built an executable.
fn inputs(executable: &Path) -> Vec<PathBuf> {
    let rule = std::fs::read_to_string(executable.with_extension("d")).unwrap_or_default();
    let Some((_, inputs)) = rule.split_once(": ") else { return Vec::new() };
    // The format is make's: spaces in names are escaped.
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

/// Resolves the folder of a file, which can be missing or a symbolic link.
fn in_real_folder(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(|folder| dunce::canonicalize(folder).ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
