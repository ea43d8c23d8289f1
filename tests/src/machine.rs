//! A fictitious machine: a test decides which programs are on `PATH`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::command::{self, Scaffold};

/// The programs that cargo needs to build.
const COMPILER: [&str; 3] = ["cc", "gcc", "ld"];

/// A folder of programs and a folder with a project.
#[derive(Debug)]
pub struct Machine {
    folder: TempDir,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// A machine with Rust and a C compiler, and nothing else. Its project has no dependencies, and is
    /// linked dynamically, as Rust's target for musl is not installed everywhere.
    #[must_use]
    pub fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir_all(machine.path("bin")).expect("a folder");
        for program in COMPILER {
            machine.link(&Path::new("/usr/bin").join(program));
        }
        let cargo = PathBuf::from(command::cargo().get_program());
        machine.link(&cargo);
        machine.link(&cargo.with_file_name("rustc"));
        machine.write(
            "hello/Cargo.toml",
            "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [[bin]]\nname = \"bootstrap\"\npath = \"main.rs\"\n[profile.release]\nstrip = true\n\
             [workspace]\n[package.metadata.scaffold]\nlinking = \"dynamic\"\n",
        );
        machine.write("hello/main.rs", "fn main() {}\n");
        machine
    }

    fn link(&self, program: &Path) {
        let name = program.file_name().expect("a program has a name");
        symlink(program, self.path("bin").join(name)).expect("a link");
    }

    /// A path in the folder of the machine.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file.
    pub fn write(&self, path: &str, contents: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(path, contents).expect("a file");
    }

    /// Reads a file.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file")
    }

    /// Puts a program on `PATH`: a shell script in which `$HERE` is the folder of the machine.
    #[must_use]
    pub fn with(self, name: &str, script: &str) -> Self {
        let path = format!("bin/{name}");
        let here = self.folder.path().display().to_string();
        self.write(&path, &format!("#!/bin/sh\nPATH=/usr/bin:/bin\nHERE='{here}'\n{script}\n"));
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.path(&path), executable).expect("its mode can be set");
        self
    }

    /// Removes a program from `PATH`.
    #[must_use]
    pub fn without(self, name: &str) -> Self {
        fs::remove_file(self.path("bin").join(name)).expect("the program is there");
        self
    }

    /// `scaffold` on this machine, in the project.
    #[must_use]
    pub fn scaffold(&self, arguments: &[&str]) -> Scaffold {
        Scaffold::new(arguments)
            .current_dir(&self.path("hello"))
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("home"))
    }
}
