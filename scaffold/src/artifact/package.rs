//! A deployment package: the files that Lambda gets together, and the rules for them.

use std::fmt;

use indicatif::DecimalBytes;
use serde::{Serialize, Serializer};

use super::elf::Executable;
use super::finding::{Finding, FindingCode};
use crate::aws;
use crate::aws::{BOOTSTRAP, LIBRARIES, MAX_UNPACKED, MAX_ZIP};

/// The files of a zip or a folder.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct DeploymentPackage {
    /// The size of the zip in bytes; `None` for a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) packed: Option<u64>,
    /// The total size of the files in bytes, counted until it exceeds Lambda's limit.
    pub(crate) unpacked: u64,
    pub(crate) files: Vec<PackagedFile>,
}

/// A file of a package.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PackagedFile {
    /// The relative path, with `/` between its parts.
    pub(crate) path: String,
    pub(crate) size: u64,
    /// `None` if the zip does not record one.
    pub(crate) mode: Option<FileMode>,
}

/// Unix permissions, printed as `chmod` takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileMode(pub(super) u32);

impl FileMode {
    /// Returns whether everybody can read and execute the file: Lambda is not its owner.
    fn is_executable_by_lambda(self) -> bool {
        self.0 & 0o005 == 0o005
    }
}

impl fmt::Display for FileMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:03o}", self.0)
    }
}

impl Serialize for FileMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A package that was read, with the bytes of its executable if it has one.
pub(super) struct Contents {
    pub(super) package: DeploymentPackage,
    pub(super) bootstrap: Option<Vec<u8>>,
}

/// Checks the name, the location and the mode of `bootstrap`: Lambda reports each of these mistakes
/// as "Couldn't find valid bootstrap(s)".
pub(super) fn check_bootstrap(package: &DeploymentPackage, container: &str) -> Option<Finding> {
    if let Some(file) = package.files.iter().find(|file| file.path == BOOTSTRAP) {
        let message = match file.mode {
            Some(mode) if mode.is_executable_by_lambda() => return None,
            Some(mode) => format!("`{BOOTSTRAP}` is not executable by Lambda (mode {mode})"),
            None => {
                format!("`{BOOTSTRAP}` is not executable by Lambda (no mode in the {container})")
            }
        };
        return Some(Finding::new(FindingCode::Mode, message).hint(if package.packed.is_some() {
            "write the zip with `scaffold package`, which sets mode 755 on every system".to_owned()
        } else {
            format!("`chmod 755 {BOOTSTRAP}`")
        }));
    }
    let is_bootstrap =
        |file: &&PackagedFile| file.path.rsplit(['/', '\\']).next() == Some(BOOTSTRAP);
    Some(if let Some(file) = package.files.iter().find(is_bootstrap) {
        let message = format!(
            "`{BOOTSTRAP}` is at `{}`, but Lambda looks for it at the root of the {container}",
            file.path
        );
        Finding::new(FindingCode::Place, message).hint("`scaffold package` puts it there")
    } else if let [only] = package.files.as_slice() {
        let message =
            format!("the {container} has only `{}`, but Lambda runs `{BOOTSTRAP}`", only.path);
        Finding::new(FindingCode::Name, message).hint(format!(
            "name the binary `{BOOTSTRAP}` under `[[bin]]` in `Cargo.toml`, or write the zip with \
             `scaffold package`, which renames it"
        ))
    } else {
        let message =
            format!("the {container} has no `{BOOTSTRAP}` at its root, the file that Lambda runs");
        Finding::new(FindingCode::Name, message).hint("write it with `scaffold package`")
    })
}

/// Checks the sizes of a package against Lambda's limits.
pub(super) fn check_sizes(package: &DeploymentPackage, findings: &mut Vec<Finding>) {
    if let Some(packed) = package.packed.filter(|packed| *packed > MAX_ZIP) {
        let message = format!(
            "the zip is {}, but Lambda's limit for a direct upload is {}",
            DecimalBytes(packed),
            aws::show_limit(MAX_ZIP)
        );
        let hint = "leave out files that the function does not need, or upload the zip to S3, as \
                    `sam deploy` does";
        findings.push(Finding::new(FindingCode::Size, message).hint(hint));
    }
    findings.extend(check_unpacked("the unpacked files are", package.unpacked));
}

/// Checks a size after unpacking against Lambda's limit. The message starts with `subject`, such as
/// "the files are".
pub(super) fn check_unpacked(subject: &str, size: u64) -> Option<Finding> {
    if size <= MAX_UNPACKED {
        return None;
    }
    // Nothing is read beyond the limit, so the exact size is unknown.
    let message =
        format!("{subject} larger than Lambda's limit of {}", aws::show_limit(MAX_UNPACKED));
    let hint = "leave out files that the function does not need, or use a container image, which \
                can have 10 GB";
    Some(Finding::new(FindingCode::Size, message).hint(hint))
}

/// Checks that Lambda or the package has the shared libraries that the executable needs. Lambda
/// searches the root of the package and its folder `lib/`.
pub(super) fn check_libraries(
    executable: &Executable,
    files: &[PackagedFile],
    findings: &mut Vec<Finding>,
) {
    let is_packaged = |library: &str| {
        files.iter().any(|file| file.path.strip_prefix("lib/").unwrap_or(&file.path) == library)
    };
    for library in &executable.libraries {
        if LIBRARIES.contains(&library.as_str()) || is_packaged(library) {
            continue;
        }
        let message = format!("the shared library `{library}` is not part of `provided.al2023`");
        findings.push(Finding::new(FindingCode::Library, message).hint(format!(
            "link it statically, or add it with `scaffold package --include PATH=lib/{library}`"
        )));
    }
}
