//! Files that `--include` adds to the zip.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use walkdir::WalkDir;

use crate::aws::BOOTSTRAP;
use crate::term::error::{Error, ErrorContext, Result};

/// The value of `--include`: a file or a folder, and its name in the zip.
#[derive(Clone, Debug)]
pub(crate) struct Include {
    source: PathBuf,
    name: String,
}

/// A file on the disk, and its name in the zip.
#[derive(Debug)]
pub(crate) struct InputFile {
    pub(super) path: PathBuf,
    /// The relative path in the zip, with `/` between its parts.
    pub(super) name: String,
    pub(super) is_executable: bool,
}

impl FromStr for Include {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (source, name) = text.split_once('=').unwrap_or((text, text));
        let name = name_in_zip(Path::new(name)).ok_or_else(|| {
            format!("`{name}` is not a valid path in a zip; write `{source}=NAME`, with a relative NAME without `..`")
        })?;
        Ok(Self { source: source.into(), name })
    }
}

/// Converts a path to a name in a zip, if it stays below the root.
fn name_in_zip(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Lists the files of all `--include` flags, in the order of their names in the zip.
pub(crate) fn collect(includes: &[Include]) -> Result<Vec<InputFile>> {
    let mut files = Vec::new();
    for Include { source, name } in includes {
        let cannot_include = || format!("cannot include `{}`", source.display());
        for entry in WalkDir::new(source).follow_links(true) {
            let entry = entry.context(cannot_include)?;
            let metadata = entry.metadata().context(cannot_include)?;
            if metadata.is_dir() {
                continue;
            }
            let path = entry.into_path();
            if !metadata.is_file() {
                return Err(Error::new(format!("`{}` is not a regular file", path.display())));
            }
            let below = path.strip_prefix(source).ok().filter(|below| *below != OsStr::new(""));
            let name = match below {
                None => name.clone(),
                Some(below) => match name_in_zip(below) {
                    Some(below) => format!("{name}/{below}"),
                    None => {
                        return Err(Error::new(format!(
                            "the name `{}` is not valid UTF-8",
                            below.display()
                        )));
                    }
                },
            };
            files.push(InputFile { path, name, is_executable: is_executable(&metadata) });
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let mut previous = BOOTSTRAP;
    for InputFile { name, .. } in &files {
        if name == BOOTSTRAP || name == previous {
            return Err(Error::new(format!("two files would have the name `{name}` in the zip"))
                .hint("rename one of them with `--include PATH=NAME`"));
        }
        previous = name;
    }
    Ok(files)
}

#[cfg_attr(not(unix), allow(unused_variables, reason = "the system has no such bit"))]
fn is_executable(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    false
}
