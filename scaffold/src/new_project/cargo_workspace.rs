//! The Cargo workspace around a new project. Its manifest is edited without changing its layout.

use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use super::runtime_source::LibraryPatch;
use crate::term::error::{Error, Result};
use crate::term::quote;

/// A workspace, and its rules for a folder in it.
#[derive(Debug)]
pub(crate) struct EnclosingWorkspace {
    /// The path of its manifest.
    pub(crate) manifest: PathBuf,
    /// The manifest as it was read.
    text: String,
    document: DocumentMut,
    /// The folder's path from the manifest, with `/` between the parts.
    member: String,
    /// A pattern of `members` matches the folder.
    pub(crate) is_covered: bool,
    /// `exclude` covers the folder.
    pub(crate) is_excluded: bool,
}

/// Finds the nearest workspace above a folder, which need not exist yet.
pub(crate) fn around(folder: &Path) -> Option<EnclosingWorkspace> {
    for root in folder.ancestors().skip(1) {
        let manifest = root.join("Cargo.toml");
        // Cargo reports a manifest that it cannot read.
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
        return Some(EnclosingWorkspace {
            manifest,
            text,
            document,
            member,
            is_covered,
            is_excluded,
        });
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

impl EnclosingWorkspace {
    /// Adds the package as a member, and moves the tables that Cargo reads only in the workspace's
    /// manifest. Returns notes for the user.
    pub(crate) fn admit(
        &mut self,
        package: &mut DocumentMut,
        patch: Option<LibraryPatch>,
    ) -> Result<Vec<String>> {
        let manifest = quote::relative(&self.manifest);
        let mut notes = Vec::new();
        package.remove("workspace");
        let profiles = package.remove("profile");
        if !self.is_covered {
            let member = self.member.clone();
            append(self.workspace()?, "members", &member)?;
            notes.push(format!("added `{}` to `members` in `{manifest}`", self.member));
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
            LibraryPatch { folder, ..patch }.apply(&mut self.document);
            notes.push(format!("added `[patch.crates-io]` to `{manifest}` for `lambda-native`"));
        }
        Ok(notes)
    }

    /// Adds the release profile if the workspace has none.
    fn adopt_profile(&mut self, release: &Item) -> Result<String> {
        let manifest = quote::relative(&self.manifest);
        let wrong = || Error::new(format!("`profile` in `{manifest}` is not a table"));
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
                "kept `[profile.release]` of `{manifest}`; functions are smaller with {settings}"
            ));
        }
        let mut release = release.clone();
        if let Some(table) = release.as_table_mut() {
            // Without a position it goes to the end of the manifest.
            table.set_position(None);
        }
        profiles.insert("release", release);
        Ok(format!("added `[profile.release]` to `{manifest}` to make functions small"))
    }

    /// Excludes the folder, so that the workspace does not treat it as a member.
    pub(crate) fn exclude(&mut self) -> Result<Vec<String>> {
        let member = self.member.clone();
        append(self.workspace()?, "exclude", &member)?;
        Ok(vec![format!("added `{member}` to `exclude` in `{}`", quote::relative(&self.manifest))])
    }

    /// Returns whether it already patches `lambda-native`.
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

    /// Writes the changed manifest beside the old one, to be replaced by [`ManifestUpdate::apply`].
    pub(crate) fn prepare_update(&self) -> Result<ManifestUpdate> {
        let fail = |error: std::io::Error| {
            Error::new(format!("cannot write to `{}`", self.manifest.display())).because(error)
        };
        if fs::read_to_string(&self.manifest).map_err(fail)? != self.text {
            let manifest = self.manifest.display();
            return Err(Error::new(format!("`{manifest}` changed in the meantime"))
                .hint("run the command again"));
        }
        let folder = self.manifest.parent().unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(".Cargo-").tempfile_in(folder).map_err(fail)?;
        fs::write(file.path(), self.document.to_string()).map_err(fail)?;
        let permissions = fs::metadata(&self.manifest).map_err(fail)?.permissions();
        fs::set_permissions(file.path(), permissions).map_err(fail)?;
        Ok(ManifestUpdate { file, manifest: self.manifest.clone() })
    }

    /// The changed manifest.
    pub(crate) fn changed(&self) -> String {
        self.document.to_string()
    }
}

/// A changed manifest that has not replaced the old one yet.
pub(crate) struct ManifestUpdate {
    file: tempfile::NamedTempFile,
    manifest: PathBuf,
}

impl ManifestUpdate {
    pub(crate) fn apply(self) -> Result<()> {
        self.file.persist(&self.manifest).map(drop).map_err(|error| {
            Error::new(format!("cannot write `{}`", self.manifest.display())).because(error.error)
        })
    }
}

/// Appends to a list of strings and keeps its layout.
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
            // A comment after the last entry stays there.
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
