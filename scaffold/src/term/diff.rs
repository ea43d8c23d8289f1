//! The difference between two versions of a file, in the unified format.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::error::Result;
use super::{escape, output};

/// The lines of context around a change.
const CONTEXT: usize = 3;

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Prints the difference; a terminal shows it in colours.
pub(crate) fn print(name: &str, old: &str, new: &str) -> Result<ExitCode> {
    output::print(&unified(name, old, new))
}

/// Formats the difference without colours.
pub(crate) fn plain(name: &str, old: &str, new: &str) -> String {
    anstream::adapter::strip_str(&unified(name, old, new)).to_string()
}

/// Formats the difference, with colours.
fn unified(name: &str, old: &str, new: &str) -> String {
    between([name, name], old, new)
}

/// Formats the difference of two texts with these names, with colours.
pub(crate) fn between(names: [&str; 2], old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let [old_name, new_name] = names.map(escape::line);
    let mut lines = vec![format!("--- {old_name}"), format!("+++ {new_name}")];
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        lines.push(format!("{PLACE}{}{PLACE:#}", hunk.header()));
        for change in hunk.iter_changes() {
            let (style, sign) = match change.tag() {
                ChangeTag::Delete => (REMOVED, '-'),
                ChangeTag::Insert => (ADDED, '+'),
                ChangeTag::Equal => (Style::new(), ' '),
            };
            let line = change.value();
            let content = line.trim_end_matches(['\r', '\n']);
            lines.push(format!("{style}{sign}{}{style:#}", escape::line(content)));
            if change.missing_newline() {
                lines.push("\\ No newline at end of file".to_owned());
            }
        }
    }
    lines.join("\n") + "\n"
}
