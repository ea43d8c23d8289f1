//! Finds other programs and reads their output.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// The time limit for programs that are asked: one that asks a server in turn could wait forever.
const PATIENCE: Duration = Duration::from_secs(20);

/// Finds every program of this name on `PATH`, in its order, each once.
pub(crate) fn find_all(name: &str) -> Vec<PathBuf> {
    let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
    for file in which::which_all_global(name).into_iter().flatten() {
        let Ok(real) = dunce::canonicalize(&file) else { continue };
        if found.iter().all(|(_, other)| *other != real) {
            found.push((file, real));
        }
    }
    found.into_iter().map(|(file, _)| file).collect()
}

/// Finds the program of this name that a shell would run.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    find_all(name).into_iter().next()
}

/// Runs a program and returns its standard output, trimmed. An error is a predicate for a message, such
/// as "does not start: …".
pub(crate) async fn ask<A: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = match timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("does not start: {error}")),
        Err(_) => return Err(format!("did not respond within {} seconds", PATIENCE.as_secs())),
    };
    let Output { status, stdout, stderr } = output;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&stderr);
    // Warnings can come before the error.
    let line = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    Err(if line.is_empty() { format!("failed: {status}") } else { format!("failed: `{line}`") })
}
