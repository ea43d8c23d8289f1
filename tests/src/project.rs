//! Generates projects and builds them, all in one target folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::command::{self, Run, Scaffold, target_folder};

/// A generated project in a temporary folder.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// Runs `scaffold new hello --yes` with more arguments.
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
        let _alone = lock_target();
        self.cargo_alone(arguments)
    }

    /// Builds the function and returns the path of a copy of its executable.
    #[must_use]
    pub fn bootstrap(&self) -> PathBuf {
        let _alone = lock_target();
        let _ = self.cargo_alone(&["build"]).success();
        let copy = self.folder.path().join("bootstrap");
        fs::copy(target_folder().join("debug/bootstrap"), &copy).expect("the executable is copied");
        copy
    }

    /// Runs cargo in the project, for a caller that has locked the target folder.
    #[must_use]
    pub fn cargo_alone(&self, arguments: &[&str]) -> Run {
        // For cargo, a package of the same name in another folder is the same package: it takes what is
        // newer than the sources, even if it was built for another project.
        let main = File::open(self.path().join("src/main.rs")).expect("the project has sources");
        main.set_modified(SystemTime::now()).expect("the sources can be touched");
        let mut cargo = command::cargo();
        cargo.args(arguments).current_dir(self.path());
        share_target(&mut cargo);
        Run::from(cargo.output().expect("cargo starts"))
    }
}

/// Has a command build generated projects in their common target folder. If tests run at the same time,
/// [lock](lock_target) it before the command runs what it has built.
pub fn share_target(command: &mut Command) -> &mut Command {
    command.env("CARGO_TARGET_DIR", target_folder())
}

/// Waits until no other test of any process builds in the target folder, and keeps them waiting until the
/// returned file is dropped. The executables of all projects have the same name there.
#[must_use]
pub fn lock_target() -> File {
    fs::create_dir_all(target_folder()).expect("the target folder can be made");
    let lock = File::create(target_folder().join(".tests")).expect("the lock can be made");
    lock.lock().expect("the lock can be taken");
    lock
}

/// The files below a folder: relative paths with `/`, and contents.
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
