//! Creates a decided project in a staging folder beside its destination, and moves it there as a whole.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::{fs, io};

use toml_edit::{DocumentMut, TomlError};

use super::answers::Stamp;
use super::cargo_workspace::ManifestUpdate;
use super::destination::Destination;
use super::expand::Expansion;
use super::file_tree::{self, FileTree};
use super::git::NewRepository;
use super::runtime_source::{LibraryPatch, VENDOR};
use super::settings::{Membership, NewProject};
use super::staging::{self, Staging};
use crate::process::{interrupt, this_program};
use crate::term::error::{Error, Result};
use crate::term::message;

/// Creates the project, and returns notes for the user about the workspace around it. A failure leaves
/// nothing behind.
pub(crate) fn generate(project: &mut NewProject) -> Result<Vec<String>> {
    let spare = spare_file()?;
    let staging = Staging::create(project.destination.parent())?;
    let git = project.git.clone();
    let notes = make(staging.path(), project, git.as_deref()).and_then(|(folder, notes)| {
        install(&folder, project)?;
        Ok(notes)
    });
    drop(spare);
    staging.remove();
    notes
}

/// Creates the project in a temporary folder, and returns its files.
pub(crate) fn rehearse(project: &mut NewProject) -> Result<FileTree> {
    let spare = spare_file()?;
    let staging = interrupt::temporary_folder("rehearsal")?;
    let files = make(staging.path(), project, None).and_then(|(folder, _)| read(&folder));
    drop(spare);
    staging::remove(&staging.keep());
    files
}

/// Reads the files of a new project.
pub(crate) fn read(folder: &Path) -> Result<FileTree> {
    file_tree::read(folder)
        .map_err(|error| Error::new("cannot read the new project").because(error))
}

/// An open file to close before the staging folder is removed, which takes one file: there must be one
/// even if a limit on open files is the reason to remove it.
fn spare_file() -> Result<File> {
    File::open(this_program::executable())
        .map_err(|error| Error::new("cannot open a file").because(error))
}

/// Creates the whole project in the staging folder, and returns its folder there.
fn make(
    staging: &Path,
    project: &mut NewProject,
    git: Option<&Path>,
) -> Result<(PathBuf, Vec<String>)> {
    let expansion = Expansion::start(staging, project)?;
    let repository = git.map(|git| NewRepository::start(git, staging)).transpose()?;
    let vendor = staging.join(".vendor");
    let patch = if project.needs_library() { project.library.install(&vendor)? } else { None };
    let folder = expansion.finish()?;
    let notes = settle(&vendor, &folder, project, patch)?;
    Stamp::new(&project.name, &project.template, &project.answers)
        .write(&folder)
        .map_err(|error| Error::new("cannot write `.scaffold.toml`").because(error))?;
    if let Some(repository) = repository {
        repository.move_to(&folder)?;
    }
    Ok((folder, notes))
}

/// Edits the manifests of the project, for its library, and of the workspace around it.
fn settle(
    vendor: &Path,
    folder: &Path,
    project: &mut NewProject,
    patch: Option<LibraryPatch>,
) -> Result<Vec<String>> {
    let path = folder.join("Cargo.toml");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Vec::new()) };
    let fail = |error| Error::new("cannot edit the project's `Cargo.toml`").because(error);
    let mut manifest: DocumentMut =
        text.parse().map_err(|error: TomlError| fail(error.to_string()))?;
    let unchanged = manifest.to_string();
    if vendor.is_dir() {
        fs::rename(vendor, folder.join(VENDOR)).map_err(|error| {
            Error::new("cannot move the library into the project").because(error)
        })?;
    }
    let notes = match &mut project.membership {
        Some((workspace, Membership::Member)) => workspace.admit(&mut manifest, patch)?,
        other => {
            if let Some(patch) = patch {
                patch.apply_alone(&mut manifest);
            }
            match other {
                Some((workspace, _)) => workspace.exclude()?,
                None => Vec::new(),
            }
        }
    };
    let changed = manifest.to_string();
    if changed != unchanged {
        fs::write(&path, changed).map_err(|error| fail(error.to_string()))?;
    }
    Ok(notes)
}

/// Moves the project to its destination, and with it the changed manifest of the workspace.
fn install(folder: &Path, project: &NewProject) -> Result<()> {
    let membership = project.membership.as_ref();
    let update = membership.map(|(workspace, _)| workspace.prepare_update()).transpose()?;
    // From here on an interrupt is too late; only a failure is undone.
    interrupt::check()?;
    let moves = match &project.destination {
        Destination::NewFolder(destination) => vec![(folder.to_owned(), destination.clone())],
        Destination::CurrentFolder => {
            let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let entries = entries
                .map_err(|error| Error::new("cannot read the new project").because(error))?;
            entries.iter().map(|entry| (entry.path(), entry.file_name().into())).collect()
        }
    };
    for (count, (from, to)) in moves.iter().enumerate() {
        let moved = if to.symlink_metadata().is_ok() {
            Err(io::Error::from(io::ErrorKind::AlreadyExists))
        } else {
            fs::rename(from, to)
        };
        if let Err(error) = moved {
            undo(moves.iter().take(count));
            return Err(
                Error::new(format!("cannot move the project to `{}`", to.display())).because(error)
            );
        }
    }
    update.map_or(Ok(()), ManifestUpdate::apply).inspect_err(|_| undo(moves.iter()))
}

/// Moves back what was installed, to be removed with the staging folder.
fn undo<'a>(moves: impl Iterator<Item = &'a (PathBuf, PathBuf)>) {
    for (from, to) in moves {
        if let Err(error) = fs::rename(to, from) {
            message::warn(format_args!("could not remove `{}`: {error}", to.display()));
        }
    }
}
