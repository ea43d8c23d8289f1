//! The executables of the functions: built by cargo, and copied, so that cargo can replace its own while
//! the copies still run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tempfile::TempPath;

use crate::build::cargo;
use crate::build::cargo::Binary;
use crate::local::application::LocalApplication;
use crate::term::error::{Error, Result};

/// Builds functions and remembers their executables.
#[derive(Debug)]
pub(super) struct FunctionBuilder {
    /// The folder of the copies.
    folder: PathBuf,
    profile: &'static str,
    built: Vec<BuiltExecutable>,
}

/// An executable that cargo has built, and a copy of it.
#[derive(Clone, Debug)]
pub(super) struct BuiltExecutable {
    binary: Binary,
    pub(super) original: PathBuf,
    modified: Option<SystemTime>,
    pub(super) copy: Arc<TempPath>,
}

impl FunctionBuilder {
    pub(super) fn new(folder: PathBuf, profile: &'static str) -> Self {
        Self { folder, profile, built: Vec::new() }
    }

    /// Builds all functions and returns their executables, in the same order. Those that have not changed
    /// keep their copies.
    pub(super) async fn build(
        &mut self,
        application: &LocalApplication,
    ) -> Result<Vec<BuiltExecutable>> {
        let mut built: Vec<BuiltExecutable> = Vec::new();
        for now in cargo::groups(application.functions().map(|(_, binary)| binary)) {
            let executables = cargo::build_all(&now, self.profile).await?;
            for (binary, executable) in now.into_iter().zip(executables) {
                built.push(self.take(binary, executable)?);
            }
        }
        self.built.clone_from(&built);
        let all = application
            .functions()
            .filter_map(|(_, binary)| built.iter().find(|built| built.binary == *binary).cloned());
        Ok(all.collect())
    }

    fn take(&self, binary: &Binary, original: PathBuf) -> Result<BuiltExecutable> {
        let modified = original.metadata().and_then(|data| data.modified()).ok();
        let same = self.built.iter().find(|built| {
            built.binary == *binary && built.original == original && built.modified == modified
        });
        if let Some(same) = same.filter(|_| modified.is_some()) {
            return Ok(same.clone());
        }
        let copy = self.copy(&original, binary.function()).map_err(|error| {
            Error::new(format!(
                "cannot copy `{}` to `{}`",
                original.display(),
                self.folder.display()
            ))
            .because(error)
        })?;
        Ok(BuiltExecutable { binary: binary.clone(), original, modified, copy: Arc::new(copy) })
    }

    fn copy(&self, original: &Path, name: &str) -> io::Result<TempPath> {
        fs::create_dir_all(&self.folder)?;
        let file = tempfile::Builder::new()
            .prefix(&format!("{name}-"))
            .suffix(std::env::consts::EXE_SUFFIX)
            .tempfile_in(&self.folder)?;
        // Closed first: a file that is open for writing cannot be executed.
        let path = file.into_temp_path();
        fs::copy(original, &path)?;
        Ok(path)
    }
}
