//! The packages to convert, and their sources.

use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use ignore::WalkBuilder;

use super::equivalents::CRATES;
use crate::build::cargo::CargoWorkspace;
use crate::term::error::{Error, Result};

/// A package that uses one of the replaced crates.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) manifest: PathBuf,
    /// Its binaries: their names and their source files.
    pub(super) binaries: Vec<(String, PathBuf)>,
    /// All Rust files, except those of other packages.
    pub(super) sources: Vec<PathBuf>,
    pub(super) settings: Settings,
}

/// The settings for cargo-lambda in a manifest.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) memory: Option<u64>,
    pub(super) timeout: Option<u64>,
    pub(super) variables: Vec<(String, String)>,
}

/// Finds the packages.
pub(super) fn find(workspace: &CargoWorkspace) -> Result<Vec<Found>> {
    let uses_library = |package: &&&Package| {
        package.dependencies.iter().any(|dependency| CRATES.contains(&&*dependency.name))
    };
    let packages = workspace.packages();
    let found: Vec<Found> =
        packages.iter().filter(uses_library).map(|package| read(package, workspace)).collect();
    if found.is_empty() {
        let has_new = packages
            .iter()
            .any(|package| package.dependencies.iter().any(|it| it.name == "lambda-native"));
        let error = Error::new("no package here depends on `lambda_runtime` or `lambda_http`");
        return Err(if has_new {
            error.hint("the project uses `lambda-native` already")
        } else {
            error.hint(
                "run the command in the folder of a function, or create one with `scaffold new`",
            )
        });
    }
    Ok(found)
}

fn read(package: &Package, workspace: &CargoWorkspace) -> Found {
    let manifest = package.manifest_path.as_std_path().to_owned();
    let folder = manifest.parent().unwrap_or(Path::new("")).to_owned();
    let binaries = package.targets.iter().filter(|target| target.is_bin());
    let binaries = binaries.map(|it| (it.name.clone(), it.src_path.as_std_path().to_owned()));
    let others: Vec<PathBuf> = workspace
        .folders()
        .filter(|other| *other != folder && other.starts_with(&folder))
        .map(Path::to_owned)
        .collect();
    let target = workspace.target().to_owned();
    let sources = WalkBuilder::new(&folder)
        .require_git(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| {
            let path = entry.path();
            path != target
                && !others.iter().any(|other| path == other)
                && (entry.depth() == 0
                    || !["target", "vendor"].iter().any(|it| entry.file_name() == *it))
        })
        .build()
        .flatten()
        .map(ignore::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    let deploy = package.metadata.pointer("/lambda/deploy");
    let number = |key: &str| deploy?.get(key)?.as_u64();
    let variables = deploy.and_then(|deploy| deploy.get("env")?.as_object());
    let variables = variables
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let settings = Settings {
        memory: number("memory"),
        timeout: number("timeout"),
        variables: variables.collect(),
    };
    Found {
        name: package.name.to_string(),
        folder,
        manifest,
        binaries: binaries.collect(),
        sources,
        settings,
    }
}
