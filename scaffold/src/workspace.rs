//! The Cargo workspace that a project is made in: found, and changed without touching its layout.

use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use crate::error::{Error, Result};
use crate::library::Patch;

/// A workspace, and what it says of a folder in it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its manifest.
    pub(crate) manifest: PathBuf,
    /// The manifest as it was read.
    text: String,
    document: DocumentMut,
    /// The folder, from the manifest's, with `/`.
    member: String,
    /// A pattern of `members` has the folder already.
    pub(crate) is_covered: bool,
    /// `exclude` has it.
    pub(crate) is_excluded: bool,
}

/// The nearest workspace above the folder. The folder itself need not be there yet.
pub(crate) fn around(folder: &Path) -> Option<Workspace> {
    for root in folder.ancestors().skip(1) {
        let manifest = root.join("Cargo.toml");
        // What cannot be read is for Cargo to complain of.
        let Ok(text) = fs::read_to_string(&manifest) else { continue };
        let Ok(document) = text.parse::<DocumentMut>() else { continue };
        let Some(table) = document.get("workspace").and_then(Item::as_table_like) else { continue };
        let member = folder.strip_prefix(root).ok()?;
        let member: Option<Vec<&str>> = member.iter().map(|part| part.to_str()).collect();
        let member = member?.join("/");
        let members = strings(table, "members");
        let is_covered = members.iter().any(|pattern| matches(pattern, &member));
        let excluded = strings(table, "exclude");
        let below = |path: &&str| Path::new(&member).starts_with(path.trim_start_matches("./"));
        let is_excluded = excluded.iter().any(below) && !members.iter().any(below);
        return Some(Workspace { manifest, text, document, member, is_covered, is_excluded });
    }
    None
}

fn strings<'a>(table: &'a dyn TableLike, key: &str) -> Vec<&'a str> {
    let list = table.get(key).and_then(Item::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn matches(pattern: &str, member: &str) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_with(member, options))
}

impl Workspace {
    /// Makes the package a member, and gives the workspace what Cargo reads only there. Returns what
    /// there is to tell the user.
    pub(crate) fn admit(
        &mut self,
        package: &mut DocumentMut,
        patch: Option<Patch>,
    ) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        package.remove("workspace");
        let profiles = package.remove("profile");
        if !self.is_covered {
            let member = self.member.clone();
            append(self.workspace()?, "members", &member)?;
            notes.push(format!("`{}` is a member of the workspace", self.member));
        }
        let profile = profiles.as_ref().and_then(Item::as_table_like);
        if let Some(release) = profile.and_then(|profiles| profiles.get("release")) {
            notes.push(self.adopt_profile(release)?);
        }
        if let Some(patch) = patch {
            let folder = Path::new(&patch.folder);
            if !folder.is_absolute() {
                let vendor = format!("{}/vendor", self.member);
                append(self.workspace()?, "exclude", &vendor)?;
            }
            let folder = if folder.is_absolute() {
                patch.folder
            } else {
                format!("{}/{}", self.member, patch.folder)
            };
            Patch { folder, ..patch }.apply(&mut self.document);
            notes.push("`[patch.crates-io]` has the library".to_owned());
        }
        Ok(notes)
    }

    /// The release profile, where the workspace has none.
    fn adopt_profile(&mut self, release: &Item) -> Result<String> {
        let wrong =
            || Error::new(format!("`profile` in `{}` is not a table", self.manifest.display()));
        let mut implicit = Table::new();
        implicit.set_implicit(true);
        let profiles = self.document.entry("profile").or_insert(Item::Table(implicit));
        let profiles = profiles.as_table_like_mut().ok_or_else(wrong)?;
        if profiles.contains_key("release") {
            let settings = release.as_table_like().into_iter().flat_map(TableLike::iter);
            let settings =
                settings.map(|(key, value)| format!("`{key} = {}`", value.to_string().trim()));
            let settings = settings.collect::<Vec<_>>().join(", ");
            return Ok(format!(
                "its own `[profile.release]` is used; functions are small with {settings}"
            ));
        }
        let mut release = release.clone();
        if let Some(table) = release.as_table_mut() {
            // It goes to the end of the manifest.
            table.set_position(None);
        }
        profiles.insert("release", release);
        Ok("`[profile.release]` makes functions small".to_owned())
    }

    /// Keeps the workspace from taking the folder for its member.
    pub(crate) fn exclude(&mut self) -> Result<Vec<String>> {
        let member = self.member.clone();
        append(self.workspace()?, "exclude", &member)?;
        Ok(vec![format!("`{member}` is excluded from the workspace")])
    }

    /// Whether it says already where `lambda-native` comes from.
    pub(crate) fn has_library(&self) -> bool {
        let patch = self.document.get("patch").and_then(|patch| patch.get("crates-io"));
        patch.and_then(|patch| patch.get("lambda-native")).is_some()
    }

    fn workspace(&mut self) -> Result<&mut dyn TableLike> {
        let manifest = self.manifest.display().to_string();
        self.document
            .get_mut("workspace")
            .and_then(Item::as_table_like_mut)
            .ok_or_else(|| Error::new(format!("`workspace` in `{manifest}` is not a table")))
    }

    /// Writes the changed manifest beside the old one, to take its place by [`Change::apply`].
    pub(crate) fn prepare(&self) -> Result<Change> {
        let fail = |error: std::io::Error| {
            Error::new(format!("cannot write to `{}`", self.manifest.display())).because(error)
        };
        if fs::read_to_string(&self.manifest).map_err(fail)? != self.text {
            let message = format!("`{}` has just been changed", self.manifest.display());
            return Err(Error::new(message).hint("do it again"));
        }
        let folder = self.manifest.parent().unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".Cargo-").tempfile_in(folder).map_err(fail)?;
        fs::write(file.path(), self.document.to_string()).map_err(fail)?;
        let permissions = fs::metadata(&self.manifest).map_err(fail)?.permissions();
        fs::set_permissions(file.path(), permissions).map_err(fail)?;
        Ok(Change { file, manifest: self.manifest.clone() })
    }

    /// The changed manifest.
    pub(crate) fn changed(&self) -> String {
        self.document.to_string()
    }
}

/// A changed manifest that is not in its place yet; dropped, it never was.
pub(crate) struct Change {
    file: tempfile::NamedTempFile,
    manifest: PathBuf,
}

impl Change {
    pub(crate) fn apply(self) -> Result<()> {
        self.file.persist(&self.manifest).map(drop).map_err(|error| {
            Error::new(format!("cannot write `{}`", self.manifest.display())).because(error.error)
        })
    }
}

/// Adds to a list of strings, in its layout.
fn append(table: &mut dyn TableLike, key: &str, value: &str) -> Result<()> {
    let list = table.entry(key).or_insert(Item::Value(Array::new().into()));
    let list = list
        .as_array_mut()
        .ok_or_else(|| Error::new(format!("`{key}` of the workspace is not a list")))?;
    let mut value = Value::from(value);
    let last = list.iter().last();
    let prefix = last.and_then(|last| last.decor().prefix()?.as_str()).unwrap_or_default();
    let has_comma = list.trailing_comma();
    let indent = prefix.rsplit_once('\n').map(|(_, indent)| indent.to_owned());
    match indent {
        Some(indent) => {
            // A comment behind the last entry stays there.
            let end = list.len().saturating_sub(1);
            let comment = match list.get_mut(end).filter(|_| !has_comma) {
                Some(last) => {
                    let suffix = last.decor().suffix().and_then(|suffix| suffix.as_str());
                    let comment = suffix.unwrap_or_default().trim_end().to_owned();
                    last.decor_mut().set_suffix("");
                    comment
                }
                None => String::new(),
            };
            let trailing = list.trailing().as_str().unwrap_or_default().trim_end();
            value.decor_mut().set_prefix(format!("{comment}{trailing}\n{indent}"));
            list.push_formatted(value);
            list.set_trailing("\n");
            list.set_trailing_comma(true);
        }
        None => list.push(value),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appended(manifest: &str) -> String {
        let mut document: DocumentMut = manifest.parse().unwrap();
        let workspace = document["workspace"].as_table_like_mut().unwrap();
        append(workspace, "members", "new").unwrap();
        document.to_string()
    }

    #[test]
    fn keeps_the_layout_of_the_list() {
        for (before, after) in [
            ("[workspace]\n", "[workspace]\nmembers = [\"new\"]\n"),
            ("[workspace]\nmembers = []\n", "[workspace]\nmembers = [\"new\"]\n"),
            (
                "[workspace]\nmembers = [\"a\",\"b\"] # ours\n",
                "[workspace]\nmembers = [\"a\",\"b\", \"new\"] # ours\n",
            ),
            (
                "[workspace]\nmembers = [\n  \"a\", # first\n  \"b\" # last\n]\n",
                "[workspace]\nmembers = [\n  \"a\", # first\n  \"b\", # last\n  \"new\",\n]\n",
            ),
            (
                "[workspace]\nmembers = [\n    \"a\",\n    # why\n    \"b\", # last\n    # end\n]\n",
                "[workspace]\nmembers = [\n    \"a\",\n    # why\n    \"b\", # last\n    # end\n    \
                 \"new\",\n]\n",
            ),
            ("workspace = { members = [\"a\"] }\n", "workspace = { members = [\"a\", \"new\"] }\n"),
        ] {
            assert_eq!(appended(before), after);
        }
    }

    #[test]
    fn matches_as_cargo_does() {
        for (pattern, member, expected) in [
            ("crates/*", "crates/api", true),
            ("./crates/*/", "crates/api", true),
            ("crates/*", "crates/api/deep", false),
            ("*", "api", true),
            ("api", "api", true),
            ("ap?", "api", true),
            ("**", "a/b", true),
            ("other", "api", false),
        ] {
            assert_eq!(matches(pattern, member), expected, "{pattern} {member}");
        }
    }
}
