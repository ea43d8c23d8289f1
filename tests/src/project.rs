//! Generates projects and builds them, all in one target folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::command::{self, Run, Scaffold};

/// A generated project in a folder of its own, gone when dropped.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// What `scaffold new hello --yes` makes, with more arguments.
    #[must_use]
    pub fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let arguments = ["new", "hello", "--yes", "--no-git"].iter().chain(arguments);
        let _ = Scaffold::new(arguments).current_dir(folder.path()).run().success();
        Self { folder }
    }

    /// The project's folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("hello")
    }

    /// Runs cargo in the project.
    #[must_use]
    pub fn cargo(&self, arguments: &[&str]) -> Run {
        let _alone = lock();
        self.cargo_alone(arguments)
    }

    /// Builds the function and gives a copy of its executable, in the folder of the project.
    #[must_use]
    pub fn bootstrap(&self) -> PathBuf {
        let _alone = lock();
        let _ = self.cargo_alone(&["build"]).success();
        let copy = self.folder.path().join("bootstrap");
        fs::copy(target_folder().join("debug/bootstrap"), &copy).expect("the executable is copied");
        copy
    }

    fn cargo_alone(&self, arguments: &[&str]) -> Run {
        // To cargo the same package in another folder is the same package: what it finds built is
        // taken if it is newer than the sources, and may be another project's.
        let main = File::open(self.path().join("src/main.rs")).expect("the project has sources");
        main.set_modified(SystemTime::now()).expect("the sources can be touched");
        let mut cargo = command::cargo();
        cargo.args(arguments).current_dir(self.path());
        clean_environment(&mut cargo);
        Run::from(cargo.output().expect("cargo starts"))
    }
}

/// Has a command build generated projects in their target folder, and as outside of these tests.
pub fn clean_environment(command: &mut Command) {
    command.env("CARGO_TARGET_DIR", target_folder());
    command.env("CARGO_TERM_COLOR", "never");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")) {
            command.env_remove(name);
        }
    }
}

/// The target folder of all generated projects: their dependencies are built once.
#[must_use]
pub fn target_folder() -> PathBuf {
    let target = command::binary().ancestors().nth(2).expect("the binary is in a target folder");
    target.join("generated")
}

/// Waits until no other test builds in the target folder; other processes' tests too.
fn lock() -> File {
    fs::create_dir_all(target_folder()).expect("the target folder can be made");
    let lock = File::create(target_folder().join(".tests")).expect("the lock can be made");
    lock.lock().expect("the lock can be taken");
    lock
}

/// The files below a folder: their paths, relative and with `/`, and what is in them.
#[must_use]
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                let name = path.strip_prefix(root).expect("it is below").to_str().expect("UTF-8");
                let contents = fs::read(&path).expect("the file can be read");
                files.insert(name.replace(std::path::MAIN_SEPARATOR, "/"), contents);
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(folder, folder, &mut files);
    files
}
