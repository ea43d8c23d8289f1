//! `scaffold convert`: turns a project on `lambda_runtime` or `lambda_http` into one on `lambda-native`.

use std::fs;
use std::path::Path;
use std::process::{ExitCode, Stdio};

use tokio::process::Command;

use crate::build::cargo;
use crate::cli::ConvertArgs;
use crate::convert::{self, Options, Plan, Problem, git};
use crate::files::{self, FileChange};
use crate::new_project::prompt;
use crate::new_project::runtime_source::{RuntimeDependency, VENDOR};
use crate::process::{interrupt, this_program};
use crate::term::error::{Error, Result};
use crate::term::style::STATUS;
use crate::term::{diff, escape, message, quote, terminal};

pub(crate) fn run(arguments: ConvertArgs) -> Result<ExitCode> {
    interrupt::watch()?;
    let library = if arguments.keep_runtime {
        None
    } else {
        Some(RuntimeDependency::resolve(arguments.runtime)?)
    };
    let keeps_runtime = library.is_none();
    let options =
        Options { manifest_path: arguments.manifest_path, architecture: arguments.arch, library };
    let plan = match convert::plan(&options)? {
        Ok(plan) => plan,
        Err(problems) => return Err(refuse(&problems)),
    };
    if plan.changes.is_empty() {
        message::note(format_args!("{STATUS}ok:{STATUS:#} nothing to change"));
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.allow_dirty && !arguments.dry_run {
        git::check_clean(&plan.root, &plan.changes)?;
    }
    show(&plan)?;
    if arguments.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.yes {
        if !terminal::is_interactive() {
            return Err(Error::new("not a terminal, so nothing can be asked")
                .hint("pass `--yes` to make the changes, or `--dry-run` to see them"));
        }
        if !prompt::confirm("Make these changes?", "", true)? {
            return Err(Error::new("nothing was changed"));
        }
    }
    interrupt::check()?;
    let lock = plan.root.join("Cargo.lock");
    let locked = fs::read(&lock).ok();
    let written = files::write_all(&plan.changes)?;
    if !arguments.no_check && !keeps_runtime {
        message::note(format_args!("{STATUS}checking{STATUS:#} the result with `cargo check`"));
        if let Err(error) = interrupt::block_on(check(&plan)) {
            written.undo();
            // Cargo has changed it too.
            locked.map_or_else(|| files::remove(&lock), |old| files::replace(&lock, &old))?;
            return Err(error);
        }
    }
    let count = plan.changes.iter().filter(|change| !is_vendored(&plan.root, change)).count();
    let what = if keeps_runtime { "added the project files" } else { "converted" };
    message::note(format_args!("{STATUS}{what}{STATUS:#}: {count} files"));
    let program = this_program::command();
    message::print_next(&["cargo test".to_owned(), format!("{program} dev")]);
    Ok(ExitCode::SUCCESS)
}

/// Prints the parts that cannot be converted.
fn refuse(problems: &[Problem]) -> Error {
    for Problem { file, line, message, hint } in problems {
        let name = quote::relative(file);
        message::error_with_hint(&format!("{name}:{line}: {message}"), hint);
    }
    let program = this_program::command();
    Error::new("nothing was changed").hint(format!(
        "change these parts and run the command again, or run `{program} convert --keep-runtime`"
    ))
}

/// Prints the changes as a diff on standard output, and the rest on standard error.
fn show(plan: &Plan) -> Result<()> {
    for found in &plan.found {
        message::note(format_args!("{STATUS}found{STATUS:#} {}", escape::line(found)));
    }
    let mut vendored = 0;
    for change in &plan.changes {
        if is_vendored(&plan.root, change) {
            vendored += 1;
            continue;
        }
        let name = quote::relative(&change.path);
        let old = change.old.as_deref().unwrap_or_default();
        diff::print(&name, old, &change.new)?;
    }
    if vendored > 0 {
        message::note(format_args!(
            "{STATUS}new{STATUS:#} `{VENDOR}/`: the sources of `lambda-native`"
        ));
    }
    for note in &plan.notes {
        message::note(format_args!("{STATUS}note:{STATUS:#} {}", escape::line(note)));
    }
    for difference in &plan.differences {
        message::warn(format_args!("{difference}"));
    }
    Ok(())
}

fn is_vendored(root: &Path, change: &FileChange) -> bool {
    change.path.starts_with(root.join(VENDOR))
}

/// Compiles the converted packages, with their tests.
async fn check(plan: &Plan) -> Result<()> {
    let mut command = Command::new(cargo::cargo());
    command
        .args(["check", "--all-targets", "--manifest-path"])
        .arg(plan.root.join("Cargo.toml"))
        .args(plan.packages.iter().flat_map(|package| ["--package", package]))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let status = command.status().await.map_err(cargo::cannot_run)?;
    if status.success() {
        return Ok(());
    }
    interrupt::check_child(status)?;
    Err(Error::new("the converted project does not compile, so all files were restored").hint(
        "the errors above show the parts to change; `--no-check` keeps the conversion in spite of them",
    ))
}
