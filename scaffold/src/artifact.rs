//! What would be uploaded: an executable, a zip or a folder, and what keeps it from running on
//! Lambda.
//!
//! Files are read as the untrusted input that they are: nothing is run or unpacked to the disk, and
//! no more is unpacked in memory than Lambda takes.

mod archive;
mod executable;
mod folder;
mod problem;

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

pub(crate) use self::executable::{Executable, Linking};
pub(crate) use self::problem::{Code, Problem};
use crate::cargo::BOOTSTRAP;
use crate::error::{Error, Result};
use crate::lambda::{Architecture, LIBRARIES, MAX_UNPACKED, MAX_ZIP};
use crate::size::Size;

/// What was found in a file or a folder.
#[derive(Debug, Serialize)]
pub(crate) struct Artifact {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    /// What is beside and around the executable, in a zip or a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package: Option<Package>,
    /// `None` where there is none that can be read.
    pub(crate) executable: Option<Executable>,
    pub(crate) problems: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Executable,
    Zip,
    Folder,
    Image,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::Zip => "zip",
            Self::Folder => "folder",
            Self::Image => "container image",
        }
    }
}

/// The files that get onto Lambda together.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Package {
    /// The bytes of the zip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) packed: Option<u64>,
    /// The bytes of the files; no more is counted than just over the limit.
    pub(crate) unpacked: u64,
    pub(crate) files: Vec<Entry>,
}

/// A file of a package.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    /// Relative, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) size: u64,
    /// `None` where the package has none.
    pub(crate) mode: Option<Mode>,
}

/// Permissions, printed as `chmod` takes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode(u32);

impl Mode {
    /// Whether everybody may read and run the file: Lambda is not its owner.
    fn lets_lambda_run(self) -> bool {
        self.0 & 0o005 == 0o005
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:03o}", self.0)
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the artifact is to run on.
#[derive(Debug)]
pub(crate) struct Expected {
    /// Any that Lambda has, where it is empty.
    pub(crate) architectures: Vec<Architecture>,
    /// Who says so.
    pub(crate) source: String,
}

impl Expected {
    pub(crate) fn new(architecture: Architecture, source: impl Into<String>) -> Self {
        Self { architectures: vec![architecture], source: source.into() }
    }

    /// Anything that Lambda has.
    pub(crate) fn any() -> Self {
        Self { architectures: Vec::new(), source: String::new() }
    }
}

/// What a reader of a package gives: its files and the executable's bytes, if there is one.
struct Contents {
    package: Package,
    bootstrap: Option<Vec<u8>>,
}

/// Reads what is at `path` and finds what is wrong with it.
pub(crate) fn inspect(path: &Path, expected: &Expected) -> Result<Artifact> {
    let cannot_read =
        |error| Error::new(format!("cannot read `{}`", path.display())).because(error);
    let mut problems = Vec::new();
    let (kind, contents) = if path.is_dir() {
        (Kind::Folder, folder::read(path).map_err(cannot_read)?)
    } else {
        let mut file = File::open(path).map_err(cannot_read)?;
        let mut head = Vec::new();
        file.by_ref().take(4).read_to_end(&mut head).map_err(cannot_read)?;
        if head.starts_with(b"PK") || path.extension().is_some_and(|extension| extension == "zip") {
            (Kind::Zip, archive::read(file, &mut problems).map_err(cannot_read)?)
        } else {
            let mut bytes = head;
            file.take(MAX_UNPACKED).read_to_end(&mut bytes).map_err(cannot_read)?;
            return Ok(executable_alone(path, &bytes, problems, expected));
        }
    };
    let Contents { package, bootstrap } = contents;
    check_bootstrap(&package, kind, &mut problems);
    check_sizes(&package, &mut problems);
    let executable = bootstrap.and_then(|bytes| {
        executable::read(&format!("`{BOOTSTRAP}`"), &bytes, expected, &mut problems)
    });
    if let Some(executable) = &executable {
        check_libraries(executable, &package.files, &mut problems);
    }
    Ok(Artifact { path: path.to_owned(), kind, package: Some(package), executable, problems })
}

/// Where AWS's base images for Lambda start an executable.
pub(crate) const IN_IMAGE: &str = "/var/runtime/bootstrap";

/// Finds what is wrong with a container image, of which the executable was copied to `file`, if it
/// has one. Which libraries it has is its own affair.
pub(crate) fn inspect_image(
    image: &str,
    file: Option<&Path>,
    expected: &Expected,
) -> Result<Artifact> {
    let mut problems = Vec::new();
    let executable = match file {
        Some(file) => {
            let bytes = fs::read(file).map_err(|error| {
                Error::new(format!("cannot read `{}`", file.display())).because(error)
            })?;
            executable::read(&format!("`{IN_IMAGE}`"), &bytes, expected, &mut problems)
        }
        None => {
            let message = format!("the image has no `{IN_IMAGE}`, which AWS's images start");
            let hint = format!(
                "have the `Dockerfile` copy it: `COPY --from=build /artifact/bootstrap {IN_IMAGE}`"
            );
            problems.push(Problem::new(Code::Name, message).hint(hint));
            None
        }
    };
    let path = image.into();
    Ok(Artifact { path, kind: Kind::Image, package: None, executable, problems })
}

fn executable_alone(
    path: &Path,
    bytes: &[u8],
    mut problems: Vec<Problem>,
    expected: &Expected,
) -> Artifact {
    let name = format!("`{}`", path.display());
    if bytes.len() as u64 > MAX_UNPACKED {
        problems.push(too_large(&name, bytes.len() as u64));
    }
    let executable = executable::read(&name, bytes, expected, &mut problems);
    if let Some(executable) = &executable {
        check_libraries(executable, &[], &mut problems);
    }
    let kind = Kind::Executable;
    Artifact { path: path.to_owned(), kind, package: None, executable, problems }
}

/// The classic mistake: Lambda says "Couldn't find valid bootstrap(s)" where the name, the place or
/// the mode is another.
fn check_bootstrap(package: &Package, kind: Kind, problems: &mut Vec<Problem>) {
    let kind = kind.name();
    if let Some(entry) = package.files.iter().find(|entry| entry.path == BOOTSTRAP) {
        let problem = match entry.mode {
            Some(mode) if mode.lets_lambda_run() => return,
            Some(mode) => format!("`{BOOTSTRAP}` has the mode {mode}: Lambda may not run it"),
            None => format!("`{BOOTSTRAP}` has no mode in the {kind}: Lambda may not run it"),
        };
        problems.push(Problem::new(Code::Mode, problem).hint(if kind == "zip" {
            "make the zip with `scaffold package`, which sets 755 on any system".to_owned()
        } else {
            format!("`chmod 755 {BOOTSTRAP}`")
        }));
        return;
    }
    let is_named = |entry: &&Entry| entry.path.rsplit(['/', '\\']).next() == Some(BOOTSTRAP);
    let problem = if let Some(entry) = package.files.iter().find(is_named) {
        let message = format!(
            "`{BOOTSTRAP}` is at `{}`, and Lambda looks for it at the root of the {kind}",
            entry.path
        );
        Problem::new(Code::Place, message).hint("`scaffold package` puts it there")
    } else if let [only] = package.files.as_slice() {
        let message =
            format!("the {kind} has `{}`, and Lambda starts only `{BOOTSTRAP}`", only.path);
        Problem::new(Code::Name, message).hint(format!(
            "name the binary `{BOOTSTRAP}` under `[[bin]]` in `Cargo.toml`, or have \
             `scaffold package` name it"
        ))
    } else {
        let message =
            format!("the {kind} has no `{BOOTSTRAP}` at its root: Lambda starts no other");
        Problem::new(Code::Name, message).hint("make it with `scaffold package`")
    };
    problems.push(problem);
}

fn check_sizes(package: &Package, problems: &mut Vec<Problem>) {
    if let Some(packed) = package.packed.filter(|packed| *packed > MAX_ZIP) {
        let message = format!(
            "the zip has {}, and Lambda takes at most {} in one upload",
            Size(packed),
            Size(MAX_ZIP)
        );
        let hint = "leave out what the function does not need, or deploy through S3, as \
                    `sam deploy` does";
        problems.push(Problem::new(Code::Size, message).hint(hint));
    }
    if package.unpacked > MAX_UNPACKED {
        problems.push(too_large("what is in it", package.unpacked));
    }
}

fn too_large(what: &str, size: u64) -> Problem {
    // Nothing is read beyond the limit, so that there may be more.
    let message = format!(
        "{what} has {} or more unpacked, and Lambda takes at most {}",
        Size(size.min(MAX_UNPACKED)),
        Size(MAX_UNPACKED)
    );
    let hint = "leave out what the function does not need, or make it a container image, which \
                may have 10 GB";
    Problem::new(Code::Size, message).hint(hint)
}

/// A library may come along: Lambda has the package's root and its `lib/` on the loader's path.
fn check_libraries(executable: &Executable, files: &[Entry], problems: &mut Vec<Problem>) {
    let comes_along = |library: &str| {
        files.iter().any(|entry| entry.path.strip_prefix("lib/").unwrap_or(&entry.path) == library)
    };
    for library in &executable.libraries {
        if LIBRARIES.contains(&library.as_str()) || comes_along(library) {
            continue;
        }
        let message = format!("`{library}` is needed, and is not part of `provided.al2023`");
        problems.push(Problem::new(Code::Library, message).hint(format!(
            "link it statically, or add it: `scaffold package --include PATH=lib/{library}`"
        )));
    }
}
