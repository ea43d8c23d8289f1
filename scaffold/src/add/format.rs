//! Formats new code as the project's rustfmt does.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::files::FileChange;
use crate::process::programs;

/// Formats the new text of a file, if the old one was formatted. Without rustfmt, it stays as it is.
pub(super) fn format(change: &mut FileChange, edition: &str) {
    let folder = change.path.parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let was_formatted = match &change.old {
        Some(old) => formatted(old, folder, edition).as_ref() == Some(old),
        None => true,
    };
    if was_formatted && let Some(text) = formatted(&change.new, folder, edition) {
        change.new = text;
    }
}

/// Formats a text with the settings that hold in a folder.
fn formatted(text: &str, folder: &Path, edition: &str) -> Option<String> {
    let mut rustfmt = Command::new(programs::find("rustfmt")?);
    rustfmt.args(["--emit", "stdout", "--edition", edition]).current_dir(folder);
    rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut rustfmt = rustfmt.spawn().ok()?;
    // It reads everything before it writes.
    rustfmt.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().filter(|text| !text.is_empty())
}
