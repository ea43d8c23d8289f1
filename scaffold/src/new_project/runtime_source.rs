//! The source of `lambda-native` in a project.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs};

use lambda_native_templates::{File, library_sources};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, value};

use super::file_tree;
use crate::term::error::{Error, Result};

/// The value of `--runtime`.
#[derive(Clone, Debug)]
pub(crate) enum RuntimeSource {
    CratesIo,
    Embedded,
    Path(PathBuf),
}

impl FromStr for RuntimeSource {
    type Err = &'static str;

    fn from_str(source: &str) -> std::result::Result<Self, Self::Err> {
        match source {
            "crates-io" => Ok(Self::CratesIo),
            "embedded" => Ok(Self::Embedded),
            _ => match source.strip_prefix("path:") {
                Some(folder) if !folder.is_empty() => Ok(Self::Path(folder.into())),
                _ => Err("expected `crates-io`, `embedded` or `path:DIR`"),
            },
        }
    }
}

impl fmt::Display for RuntimeSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CratesIo => formatter.write_str("crates-io"),
            Self::Embedded => formatter.write_str("embedded"),
            Self::Path(folder) => write!(formatter, "path:{}", folder.display()),
        }
    }
}

/// The source of the library in a project, which has been found to exist.
#[derive(Clone, Debug)]
pub(crate) enum RuntimeDependency {
    /// The registry.
    CratesIo,
    /// These sources, copied into the project's `vendor/`.
    Vendored(&'static [File]),
    /// The folder of the crate `lambda-native`.
    Folder(String),
}

impl RuntimeDependency {
    /// By default a program built from a checkout embeds the library, which can be unpublished; a
    /// published program uses the published library.
    pub(crate) fn resolve(source: Option<RuntimeSource>) -> Result<Self> {
        match source {
            None => Ok(library_sources().map_or(Self::CratesIo, Self::Vendored)),
            Some(RuntimeSource::CratesIo) => Ok(Self::CratesIo),
            Some(RuntimeSource::Embedded) => {
                library_sources().map(Self::Vendored).ok_or_else(|| {
                    Error::new("this build of `scaffold` does not contain the library")
                        .hint("omit `--runtime` to use the library from crates.io")
                })
            }
            Some(RuntimeSource::Path(checkout)) => {
                let folder = checkout.join("runtime");
                if !folder.join("Cargo.toml").is_file() {
                    let message =
                        format!("`{}` is not a checkout of Lambda Native", checkout.display());
                    return Err(Error::new(message).hint(
                        "`--runtime path:DIR` expects the folder that contains `runtime/Cargo.toml`",
                    ));
                }
                let folder = dunce::canonicalize(&folder).map_err(|error| {
                    Error::new(format!("cannot find `{}`", folder.display())).because(error)
                })?;
                // The path is written into a manifest.
                let folder = folder.into_os_string().into_string().map_err(|folder| {
                    Error::new(format!("`{}` is not UTF-8", folder.display()))
                        .hint("a path in a `Cargo.toml` must be UTF-8; move the checkout")
                })?;
                Ok(Self::Folder(folder))
            }
        }
    }

    /// Writes the sources that the project vendors into a new folder, and returns the patch that uses
    /// the library.
    pub(crate) fn install(&self, vendor: &Path) -> Result<Option<LibraryPatch>> {
        match self {
            Self::CratesIo => Ok(None),
            Self::Vendored(sources) => {
                let files = sources.iter().map(|file| (file.path, file.contents));
                fs::create_dir(vendor)
                    .and_then(|()| file_tree::write(vendor, files))
                    .and_then(|()| fs::write(vendor.join("README.md"), README))
                    .map_err(|error| {
                        Error::new("cannot write the library's sources").because(error)
                    })?;
                let folder = "vendor/lambda-native".to_owned();
                Ok(Some(LibraryPatch { folder, why: WHY_VENDORED }))
            }
            Self::Folder(folder) => {
                Ok(Some(LibraryPatch { folder: folder.clone(), why: WHY_FOLDER }))
            }
        }
    }
}

/// The folder of the library's sources in a project.
pub(crate) const VENDOR: &str = "vendor";

const README: &str = "\
# The sources of lambda-native

`scaffold` copied them here so that the project builds everywhere. `[patch.crates-io]` in
`Cargo.toml` uses them instead of the release on crates.io. To use that release, delete the patch, the
entry in `exclude` of `[workspace]`, and this folder.
";

const WHY_VENDORED: &str = "
# The library is vendored: see vendor/README.md.
";

const WHY_FOLDER: &str = "
# Uses a checkout of the library instead of the release on crates.io.
";

/// Makes Cargo use `lambda-native` from a folder instead of crates.io.
#[derive(Debug)]
pub(crate) struct LibraryPatch {
    pub(crate) folder: String,
    pub(crate) why: &'static str,
}

impl LibraryPatch {
    /// Adds it to the manifest of a workspace.
    pub(crate) fn apply(self, manifest: &mut DocumentMut) {
        let mut implicit = Table::new();
        implicit.set_implicit(true);
        let patches = manifest.entry("patch").or_insert(Item::Table(implicit));
        let mut crates = Table::new();
        crates.decor_mut().set_prefix(self.why);
        if let Some(patches) = patches.as_table_like_mut() {
            let crates = patches.entry("crates-io").or_insert(Item::Table(crates));
            if let Some(crates) = crates.as_table_like_mut() {
                let folder = InlineTable::from_iter([("path", self.folder)]);
                crates.insert("lambda-native", value(folder));
            }
        }
    }

    /// Adds it to the manifest of a project that is an independent workspace.
    pub(crate) fn apply_alone(self, manifest: &mut DocumentMut) {
        if let Some(workspace) = manifest.get_mut("workspace").and_then(Item::as_table_mut) {
            // Otherwise Cargo, run in the folder of a vendored crate, misses it in `members`.
            if !Path::new(&self.folder).is_absolute() {
                let excluded = workspace.entry("exclude").or_insert(value(Array::new()));
                excluded.as_array_mut().into_iter().for_each(|excluded| excluded.push(VENDOR));
            }
        }
        self.apply(manifest);
    }
}
