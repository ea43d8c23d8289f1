//! A project as `--dry-run` shows it: its files as a tree, and their contents.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::file_tree::FileTree;
use super::settings::NewProject;
use crate::term::{escape, quote};

/// The library's sources are long, and the same in every project.
const VENDOR: &str = "vendor/";

#[derive(Default)]
struct Folder<'a>(BTreeMap<&'a str, Folder<'a>>);

/// Draws the tree, and prints each file after a line `==> PATH <==`.
pub(crate) fn show(project: &NewProject, files: &FileTree) -> String {
    let (vendored, own): (Vec<_>, Vec<_>) =
        files.iter().partition(|(path, _)| path.starts_with(VENDOR));
    let vendor = format!("{VENDOR} ({} files: the library's sources)", vendored.len());
    let mut root = Folder::default();
    for (path, _) in &own {
        let mut folder = &mut root;
        for part in path.split('/') {
            folder = folder.0.entry(part).or_default();
        }
    }
    if !vendored.is_empty() {
        root.0.insert(&vendor, Folder::default());
    }

    let name = project.destination.folder().display().to_string();
    let mut text = format!("{}\n", escape::line(&name));
    draw(&root, "", &mut text);
    for (path, contents) in own {
        let contents = String::from_utf8_lossy(contents);
        append(&mut text, &format!("{name}/{path}"), &contents);
    }
    if let Some((workspace, _)) = &project.membership {
        append(&mut text, &quote::relative(&workspace.manifest), &workspace.changed());
    }
    text
}

fn append(text: &mut String, path: &str, contents: &str) {
    // Writing to a string does not fail.
    let (path, contents) = (escape::line(path), escape::lines(contents));
    let _ = write!(text, "\n==> {path} <==\n{contents}");
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

fn draw(folder: &Folder<'_>, indent: &str, text: &mut String) {
    let last = folder.0.keys().next_back();
    for (name, inner) in &folder.0 {
        let (branch, space) =
            if Some(name) == last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let _ = writeln!(text, "{indent}{branch}{}", escape::line(name));
        draw(inner, &format!("{indent}{space}"), text);
    }
}
