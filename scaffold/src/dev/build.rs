//! Has cargo build the functions, and takes copies: cargo may then write its own anew while the old
//! version still answers.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tempfile::TempPath;

use super::plan::Plan;
use crate::cargo::{self, Binary};
use crate::error::{Error, Result};

/// Executables, as they were when cargo had built them.
#[derive(Debug)]
pub(crate) struct Builder {
    /// Where the copies are.
    folder: PathBuf,
    profile: &'static str,
    built: Vec<Built>,
}

/// One executable.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    binary: Binary,
    /// Cargo's own.
    pub(crate) original: PathBuf,
    modified: Option<SystemTime>,
    pub(crate) copy: Arc<TempPath>,
}

impl Builder {
    pub(crate) fn new(folder: PathBuf, profile: &'static str) -> Self {
        Self { folder, profile, built: Vec::new() }
    }

    /// Builds all that the plan has; for each of its binaries, in their order, the executable. What
    /// has not changed is the same as before.
    pub(crate) async fn build(&mut self, plan: &Plan) -> Result<Vec<Built>> {
        let mut built: Vec<Built> = Vec::new();
        let mut left: Vec<&Binary> = Vec::new();
        for (_, binary) in &plan.binaries {
            if !left.contains(&binary) {
                left.push(binary);
            }
        }
        // Cargo puts binaries of the same name in the same place: one after the other.
        while !left.is_empty() {
            let mut now: Vec<&Binary> = Vec::new();
            left.retain(|binary| {
                let later = now.iter().any(|other| other.name == binary.name);
                if !later {
                    now.push(binary);
                }
                later
            });
            let executables = cargo::build_all(&now, self.profile).await?;
            for (binary, executable) in now.into_iter().zip(executables) {
                built.push(self.take(binary, executable)?);
            }
        }
        self.built.clone_from(&built);
        let all = plan
            .binaries
            .iter()
            .filter_map(|(_, binary)| built.iter().find(|built| built.binary == *binary).cloned());
        Ok(all.collect())
    }

    fn take(&self, binary: &Binary, original: PathBuf) -> Result<Built> {
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
        Ok(Built { binary: binary.clone(), original, modified, copy: Arc::new(copy) })
    }

    fn copy(&self, original: &Path, name: &str) -> io::Result<TempPath> {
        fs::create_dir_all(&self.folder)?;
        let file = tempfile::Builder::new()
            .prefix(&format!("{name}-"))
            .suffix(std::env::consts::EXE_SUFFIX)
            .tempfile_in(&self.folder)?;
        // Closed before it is written: a file that is open for writing cannot be run.
        let path = file.into_temp_path();
        fs::copy(original, &path)?;
        Ok(path)
    }
}
