//! Where a project gets `lambda-native` from.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs};

use lambda_native_templates::{File, library_sources};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, value};

use crate::error::{Error, Result};
use crate::files;

/// What `--runtime` was given.
#[derive(Clone, Debug)]
pub(crate) enum LibrarySource {
    CratesIo,
    Embedded,
    Path(PathBuf),
}

impl FromStr for LibrarySource {
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

impl fmt::Display for LibrarySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CratesIo => formatter.write_str("crates-io"),
            Self::Embedded => formatter.write_str("embedded"),
            Self::Path(folder) => write!(formatter, "path:{}", folder.display()),
        }
    }
}

/// Where a project gets the library from, found to be there.
#[derive(Debug)]
pub(crate) enum Library {
    /// The registry, as for any other crate.
    CratesIo,
    /// These sources, in the project's own `vendor/`.
    Vendored(&'static [File]),
    /// This folder, which has the crate `lambda-native`.
    Folder(String),
}

impl Library {
    /// By default a program built from a checkout brings the library along, which may be on no
    /// registry; a published one has a published library.
    pub(crate) fn resolve(source: Option<LibrarySource>) -> Result<Self> {
        match source {
            None => Ok(library_sources().map_or(Self::CratesIo, Self::Vendored)),
            Some(LibrarySource::CratesIo) => Ok(Self::CratesIo),
            Some(LibrarySource::Embedded) => {
                library_sources().map(Self::Vendored).ok_or_else(|| {
                    Error::new("this build of `scaffold` has no library embedded")
                        .hint("leave out `--runtime`: the library is on crates.io")
                })
            }
            Some(LibrarySource::Path(checkout)) => {
                let folder = checkout.join("runtime");
                if !folder.join("Cargo.toml").is_file() {
                    let message =
                        format!("`{}` is not a checkout of Lambda Native", checkout.display());
                    return Err(Error::new(message).hint(
                        "`--runtime path:DIR` takes the folder that has `runtime/Cargo.toml`",
                    ));
                }
                let folder = folder.canonicalize().map_err(|error| {
                    Error::new(format!("cannot find `{}`", folder.display())).because(error)
                })?;
                // A manifest is UTF-8, and so are the paths in it.
                let folder = folder.into_os_string().into_string().map_err(|folder| {
                    Error::new(format!("`{}` is not UTF-8", folder.display()))
                        .hint("a path in a `Cargo.toml` must be: move the checkout")
                })?;
                Ok(Self::Folder(folder))
            }
        }
    }

    /// Makes a generated project use the library from here.
    pub(crate) fn install(&self, project: &Path) -> Result<()> {
        match self {
            Self::CratesIo => Ok(()),
            Self::Vendored(sources) => {
                let vendor = project.join("vendor");
                files::write(&vendor, sources)
                    .and_then(|()| fs::write(vendor.join("README.md"), README))
                    .map_err(|error| {
                        Error::new("cannot write the library's sources").because(error)
                    })?;
                patch(project, "vendor/lambda-native", WHY_VENDORED)
            }
            Self::Folder(folder) => patch(project, folder, WHY_FOLDER),
        }
    }
}

const README: &str = "\
# The sources of lambda-native

`scaffold new` put them here, so that the project builds wherever it is. They take the place of the
release on crates.io by `[patch.crates-io]` in `Cargo.toml`. To move to that release, delete the
patch, the `exclude` of `[workspace]` and this folder.
";

const WHY_VENDORED: &str = "
# The library's sources come with the project: vendor/README.md.
";

const WHY_FOLDER: &str = "
# The library is built from a checkout; without this table it is the release on crates.io.
";

/// Has Cargo take `lambda-native` from `folder` instead of crates.io.
fn patch(project: &Path, folder: &str, why: &str) -> Result<()> {
    let path = project.join("Cargo.toml");
    let fail = |error| Error::new("cannot edit the project's `Cargo.toml`").because(error);
    let manifest = fs::read_to_string(&path).map_err(|error| fail(error.to_string()))?;
    let mut manifest: DocumentMut =
        manifest.parse().map_err(|error: toml_edit::TomlError| fail(error.to_string()))?;

    if let Some(workspace) = manifest.get_mut("workspace").and_then(Item::as_table_mut) {
        // Cargo in the folder of a vendored crate would take it for a forgotten member.
        if !Path::new(folder).is_absolute() {
            workspace.insert("exclude", value(Array::from_iter(["vendor"])));
        }
    }
    let mut crates = Table::new();
    crates.decor_mut().set_prefix(why);
    crates.insert("lambda-native", value(InlineTable::from_iter([("path", folder)])));
    let mut patches = Table::new();
    patches.set_implicit(true);
    patches.insert("crates-io", Item::Table(crates));
    manifest.insert("patch", Item::Table(patches));
    fs::write(&path, manifest.to_string()).map_err(|error| fail(error.to_string()))
}
