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
                let folder = dunce::canonicalize(&folder).map_err(|error| {
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

    /// Puts what a project needs of it into the folder, and says where Cargo finds it.
    pub(crate) fn install(&self, folder: &Path) -> Result<Option<Patch>> {
        match self {
            Self::CratesIo => Ok(None),
            Self::Vendored(sources) => {
                let vendor = folder.join(VENDOR);
                files::write(&vendor, sources)
                    .and_then(|()| fs::write(vendor.join("README.md"), README))
                    .map_err(|error| {
                        Error::new("cannot write the library's sources").because(error)
                    })?;
                let folder = "vendor/lambda-native".to_owned();
                Ok(Some(Patch { folder, why: WHY_VENDORED }))
            }
            Self::Folder(folder) => Ok(Some(Patch { folder: folder.clone(), why: WHY_FOLDER })),
        }
    }
}

/// The folder of the library's sources in a project.
pub(crate) const VENDOR: &str = "vendor";

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

/// Has Cargo take `lambda-native` from a folder instead of crates.io.
#[derive(Debug)]
pub(crate) struct Patch {
    pub(crate) folder: String,
    pub(crate) why: &'static str,
}

impl Patch {
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

    /// Adds it to the manifest of a project that is a workspace of its own.
    pub(crate) fn apply_alone(self, manifest: &mut DocumentMut) {
        if let Some(workspace) = manifest.get_mut("workspace").and_then(Item::as_table_mut) {
            // Cargo in the folder of a vendored crate would take it for a forgotten member.
            if !Path::new(&self.folder).is_absolute() {
                let excluded = workspace.entry("exclude").or_insert(value(Array::new()));
                excluded.as_array_mut().into_iter().for_each(|excluded| excluded.push(VENDOR));
            }
        }
        self.apply(manifest);
    }
}
