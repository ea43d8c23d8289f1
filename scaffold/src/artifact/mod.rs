//! Artifacts: the executables, zips, folders and images that Lambda gets, and what would keep them
//! from running there.
//!
//! Files are read as untrusted input: nothing is run or unpacked to the disk, and no more is
//! unpacked in memory than Lambda accepts.

mod directory;
mod elf;
mod expected;
mod finding;
mod handlers;
mod include;
pub(crate) mod jitter_entropy;
mod package;
pub(crate) mod report;
mod zip_reader;
mod zip_writer;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::elf::Executable;
pub(crate) use self::elf::Linking;
pub(crate) use self::expected::Expected;
use self::finding::Finding;
pub(crate) use self::finding::FindingCode;
pub(crate) use self::handlers::{HandlerSignature, check_handler};
pub(crate) use self::include::{Include, InputFile, collect};
use self::package::{Contents, DeploymentPackage};
pub(crate) use self::zip_writer::{write_zip, zip_beside};
use crate::aws::{BOOTSTRAP, IMAGE_BOOTSTRAP, MAX_UNPACKED};
use crate::files;
use crate::term::error::{Error, ErrorContext, Result};

/// An executable, a package or an image that was inspected.
#[derive(Debug, Serialize)]
pub(crate) struct Artifact {
    pub(crate) path: PathBuf,
    pub(crate) kind: ArtifactKind,
    /// The files of a zip or a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package: Option<DeploymentPackage>,
    /// `None` if there is none that can be read.
    pub(crate) executable: Option<Executable>,
    #[serde(rename = "problems")]
    pub(crate) findings: Vec<Finding>,
}

impl Artifact {
    /// Drops the findings that the user allows.
    pub(crate) fn allow(&mut self, codes: &[FindingCode]) {
        self.findings.retain(|finding| !codes.contains(&finding.code));
    }

    /// Returns whether they differ in nothing but their paths.
    fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.package == other.package
            && self.executable == other.executable
            && self.findings == other.findings
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ArtifactKind {
    Executable,
    Zip,
    Folder,
    Image,
}

impl ArtifactKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::Zip => "zip",
            Self::Folder => "folder",
            Self::Image => "container image",
        }
    }
}

/// Inspects the executable, zip or folder at `path`.
pub(crate) fn inspect(path: &Path, expected: &Expected) -> Result<Artifact> {
    let cannot_read = || format!("cannot read `{}`", path.display());
    let mut findings = Vec::new();
    let metadata = path.metadata().context(cannot_read)?;
    let (kind, contents) = if metadata.is_dir() {
        (ArtifactKind::Folder, directory::read(path).context(cannot_read)?)
    } else if !metadata.is_file() {
        // Reading from a pipe or a device might never end.
        return Err(Error::new(format!("`{}` is not a regular file", path.display())));
    } else {
        let mut file = File::open(path).context(cannot_read)?;
        let mut bytes = Vec::new();
        file.by_ref().take(4).read_to_end(&mut bytes).context(cannot_read)?;
        if bytes.starts_with(b"PK") || path.extension().is_some_and(|extension| extension == "zip")
        {
            (ArtifactKind::Zip, zip_reader::read(file, &mut findings).context(cannot_read)?)
        } else {
            file.take(MAX_UNPACKED).read_to_end(&mut bytes).context(cannot_read)?;
            return Ok(inspect_executable(path, &bytes, expected));
        }
    };
    let Contents { package, bootstrap } = contents;
    findings.extend(package::check_bootstrap(&package, kind.name()));
    package::check_sizes(&package, &mut findings);
    let executable = bootstrap
        .and_then(|bytes| elf::read(&format!("`{BOOTSTRAP}`"), &bytes, expected, &mut findings));
    if let Some(executable) = &executable {
        package::check_libraries(executable, &package.files, &mut findings);
    }
    Ok(Artifact { path: path.to_owned(), kind, package: Some(package), executable, findings })
}

fn inspect_executable(path: &Path, bytes: &[u8], expected: &Expected) -> Artifact {
    let name = format!("`{}`", path.display());
    let mut findings = Vec::from_iter(package::check_unpacked(&name, bytes.len() as u64));
    let executable = elf::read(&name, bytes, expected, &mut findings);
    if let Some(executable) = &executable {
        package::check_libraries(executable, &[], &mut findings);
    }
    let kind = ArtifactKind::Executable;
    Artifact { path: path.to_owned(), kind, package: None, executable, findings }
}

/// Inspects a container image by its executable, which was copied to `file` if the image has one.
/// The image brings its own shared libraries, so they are not checked.
pub(crate) fn inspect_image(
    image: &str,
    file: Option<&Path>,
    expected: &Expected,
) -> Result<Artifact> {
    let mut findings = Vec::new();
    let executable = if let Some(file) = file {
        elf::read(&format!("`{IMAGE_BOOTSTRAP}`"), &files::read(file)?, expected, &mut findings)
    } else {
        let message =
            format!("the image has no `{IMAGE_BOOTSTRAP}`, which AWS's base images start");
        findings.push(Finding::new(FindingCode::Name, message).hint(format!(
            "copy it in the `Dockerfile`: `COPY --from=build /artifact/bootstrap \
             {IMAGE_BOOTSTRAP}`"
        )));
        None
    };
    let (path, kind) = (image.into(), ArtifactKind::Image);
    Ok(Artifact { path, kind, package: None, executable, findings })
}
