//! Finding a function in the user's project, and building it with cargo.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anstream::{AutoStream, ColorChoice, adapter};
use cargo_metadata::{
    Artifact, DependencyKind, Message, Metadata, MetadataCommand, Package, PackageId,
};
use clap::ValueEnum;
use tokio::process::Command;
use toml_edit::DocumentMut;

use super::settings::PackageSettings;
use crate::artifact::Linking;
use crate::aws::BOOTSTRAP;
use crate::files;
use crate::process::interrupt;
use crate::process::tree::{ProcessTree, Reach};
use crate::term::error::{Error, Result};
use crate::term::{message, quote};

/// The binary that the command line selects.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) manifest_path: Option<PathBuf>,
    pub(crate) package: Option<String>,
    pub(crate) bin: String,
}

/// One binary of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binary {
    pub(crate) package: String,
    pub(crate) name: String,
    /// The file with its `main`.
    source: PathBuf,
    edition: String,
    manifest_path: PathBuf,
    pub(crate) workspace: PathBuf,
    target: PathBuf,
    linking: Linking,
    paths: Vec<(String, PathBuf)>,
    about: About,
    openapi_features: Option<String>,
    settings: PackageSettings,
}

/// The version and the description of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) description: Option<String>,
}

/// The options of a build with cargo.
#[derive(Debug)]
pub(crate) struct CompileOptions {
    /// `build`, or a subcommand of cargo that takes the same arguments.
    pub(crate) subcommand: &'static str,
    pub(crate) profile: String,
    /// The value of `--target`.
    pub(crate) target: Option<String>,
    /// Additional arguments.
    pub(crate) more: Vec<OsString>,
    pub(crate) environment: Vec<(String, OsString)>,
}

impl CompileOptions {
    /// Creates options for this machine and this profile.
    pub(crate) fn new(profile: impl Into<String>) -> Self {
        Self {
            subcommand: "build",
            profile: profile.into(),
            target: None,
            more: Vec::new(),
            environment: Vec::new(),
        }
    }
}

impl Selection {
    /// Finds the binary as cargo would: starting from the nearest manifest, in its package, or in the
    /// one default member that has it if the manifest is that of a workspace.
    pub(crate) fn find(self) -> Result<Binary> {
        let manifest_path = match self.manifest_path {
            Some(path) => path,
            None => nearest_manifest()?,
        };
        let metadata = read(&manifest_path)?;
        let packages = match &self.package {
            Some(name) => vec![package(&metadata, name)?],
            None => selected(&metadata, &manifest_path),
        };
        let mut owners = packages.iter().filter(|package| bins(package).any(|bin| bin == self.bin));
        match (owners.next(), owners.next()) {
            (Some(owner), None) => Ok(Binary::of(&metadata, owner, self.bin)),
            (Some(first), Some(second)) => Err(Error::new(format!(
                "more than one package has a binary named `{}`: `{}`, `{}`",
                self.bin, first.name, second.name
            ))
            .hint(format!("choose one with `--package {}`", first.name))),
            (None, _) => Err(no_such_binary(&self.bin, &packages)),
        }
    }
}

impl Binary {
    fn of(metadata: &Metadata, owner: &Package, name: String) -> Self {
        let mut targets = owner.targets.iter().filter(|it| it.is_bin());
        let source = targets.find(|it| it.name == name).map(|it| it.src_path.clone());
        Self {
            package: owner.name.to_string(),
            name,
            source: source.unwrap_or_default().into_std_path_buf(),
            edition: owner.edition.to_string(),
            manifest_path: owner.manifest_path.clone().into_std_path_buf(),
            workspace: metadata.workspace_root.clone().into_std_path_buf(),
            target: metadata.target_directory.clone().into_std_path_buf(),
            linking: owner
                .metadata
                .pointer("/scaffold/linking")
                .and_then(|linking| Linking::from_str(linking.as_str()?, false).ok())
                .unwrap_or(Linking::Static),
            paths: paths(metadata),
            about: About {
                version: owner.version.to_string(),
                description: owner.description.clone(),
            },
            openapi_features: openapi_features(owner),
            settings: PackageSettings::of(&owner.metadata),
        }
    }

    /// Returns the folder of the package.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new(""))
    }

    /// Returns the path of the source file with its `main`.
    pub(crate) fn source(&self) -> &Path {
        &self.source
    }

    /// Returns the edition of its package.
    pub(crate) fn edition(&self) -> &str {
        &self.edition
    }

    /// Returns the name of the function: that of the package, or that of the binary if it is not
    /// `bootstrap`, as in a package with several functions.
    pub(crate) fn function(&self) -> &str {
        if self.name == BOOTSTRAP { &self.package } else { &self.name }
    }

    /// Returns `package.metadata.scaffold.linking` of its manifest, or else the default.
    pub(crate) fn linking(&self) -> Linking {
        self.linking
    }

    /// Returns `package.metadata.scaffold` of its manifest.
    pub(crate) fn settings(&self) -> &PackageSettings {
        &self.settings
    }

    /// Returns the version and the description of its package.
    pub(crate) fn about(&self) -> &About {
        &self.about
    }

    /// Returns the features with which it can describe its routes; `None` if its package does not use
    /// `lambda-native`.
    pub(crate) fn openapi_features(&self) -> Option<&str> {
        self.openapi_features.as_deref()
    }

    /// Returns the folder for the executable and the zip.
    pub(crate) fn output(&self) -> PathBuf {
        self.target.join("lambda").join(self.function())
    }

    /// Returns cargo's target folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Finds a crate that cargo takes from a folder outside of this one: its name and its folder.
    pub(crate) fn outside_of(&self, folder: &Path) -> Option<(&str, &Path)> {
        let folder = dunce::canonicalize(folder).ok()?;
        let is_outside =
            |path: &Path| dunce::canonicalize(path).is_ok_and(|path| !path.starts_with(&folder));
        let outside = self.paths.iter().find(|(_, path)| is_outside(path));
        outside.map(|(name, path)| (name.as_str(), path.as_path()))
    }

    /// Reads its package with all dependencies for a target, which cargo downloads first.
    pub(super) fn dependencies(&self, target: &str) -> Result<Metadata> {
        let options = ["--filter-platform".to_owned(), target.to_owned()];
        execute(MetadataCommand::new().manifest_path(&self.manifest_path).other_options(options))
    }

    /// Returns the path of the package's `Cargo.toml`.
    pub(crate) fn manifest_path(&self) -> &Path {
        &self.manifest_path
    }

    /// Writes the workspace's `Cargo.lock`.
    pub(crate) async fn lock(&self) -> Result<()> {
        let mut command = Command::new(cargo());
        command.arg("generate-lockfile").arg("--manifest-path").arg(&self.manifest_path);
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let status = command.status().await.map_err(cannot_run)?;
        if status.success() {
            return Ok(());
        }
        interrupt::check_child(status)?;
        Err(Error::new("cargo could not write `Cargo.lock`"))
    }

    /// Builds the binary and returns the path of the executable. Cargo reports its progress to the
    /// user on standard error.
    pub(crate) async fn build(&self, options: &CompileOptions) -> Result<PathBuf> {
        let mut command = ProcessTree::command(cargo(), Reach::Group);
        command
            .args([options.subcommand, "--message-format=json-render-diagnostics"])
            .args(["--bin", &self.name, "--profile", &options.profile])
            .arg("--manifest-path")
            .arg(&self.manifest_path)
            .args(options.target.iter().flat_map(|target| ["--target", target]))
            .args(&options.more)
            .envs(options.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let artifacts = artifacts(command).await?;
        self.executable(&artifacts)
    }

    fn executable(&self, artifacts: &[Artifact]) -> Result<PathBuf> {
        artifacts
            .iter()
            .rfind(|artifact| {
                artifact.target.name == self.name
                    && artifact.manifest_path.as_std_path() == self.manifest_path
            })
            .and_then(|artifact| Some(artifact.executable.clone()?.into_std_path_buf()))
            .ok_or_else(|| Error::new(format!("cargo built no executable for `{}`", self.name)))
    }
}

/// Splits binaries into groups of different names, each of which [`build_all`] can build. Cargo writes binaries
/// of the same name to the same file.
pub(crate) fn groups<'a>(binaries: impl Iterator<Item = &'a Binary>) -> Vec<Vec<&'a Binary>> {
    let mut groups: Vec<Vec<&Binary>> = Vec::new();
    for binary in binaries {
        if groups.iter().flatten().any(|other| *other == binary) {
            continue;
        }
        let has_room =
            |group: &&mut Vec<&Binary>| group.iter().all(|other| other.name != binary.name);
        match groups.iter_mut().find(has_room) {
            Some(group) => group.push(binary),
            None => groups.push(vec![binary]),
        }
    }
    groups
}

/// Builds binaries of one workspace for this machine, and returns the paths of their executables.
/// Their names must differ, because cargo writes them to the same folder.
pub(crate) async fn build_all(binaries: &[&Binary], profile: &str) -> Result<Vec<PathBuf>> {
    let Some(first) = binaries.first() else { return Ok(Vec::new()) };
    let mut command = ProcessTree::command(cargo(), Reach::Group);
    command
        .args(["build", "--message-format=json-render-diagnostics", "--profile", profile])
        .arg("--manifest-path")
        .arg(first.workspace.join("Cargo.toml"))
        .args(binaries.iter().flat_map(|binary| ["--package", &binary.package]))
        .args(binaries.iter().flat_map(|binary| ["--bin", &binary.name]))
        // Other output goes to the terminal at the same time.
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if std::env::var_os("CARGO_TERM_COLOR").is_none()
        && AutoStream::choice(&io::stderr()) != ColorChoice::Never
    {
        // Cargo writes to a pipe.
        command.env("CARGO_TERM_COLOR", "always");
    }
    let artifacts = artifacts(command).await?;
    binaries.iter().map(|binary| binary.executable(&artifacts)).collect()
}

/// Runs a command of cargo that builds, and returns the binaries that it reports.
async fn artifacts(command: Command) -> Result<Vec<Artifact>> {
    // Compilers and build scripts end with cargo.
    let cargo = ProcessTree::spawn(command, Reach::Group).map_err(cannot_run)?;
    let (status, output, log) = cargo.read(message::print_log).await.map_err(cannot_run)?;
    if !status.success() {
        interrupt::check_child(status)?;
        let log = adapter::strip_bytes(&log).into_vec();
        return Err(Error::new("cargo could not build the function")
            .with_log(String::from_utf8_lossy(&log).into_owned()));
    }
    Ok(Message::parse_stream(output.as_slice())
        .filter_map(std::result::Result::ok)
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.is_bin() => Some(artifact),
            _ => None,
        })
        .collect())
}

/// A Cargo workspace.
#[derive(Debug)]
pub(crate) struct CargoWorkspace {
    metadata: Metadata,
    /// The packages that cargo builds by default.
    selected: Vec<PackageId>,
}

impl CargoWorkspace {
    /// Reads the workspace of this manifest, or of the nearest one.
    pub(crate) fn read(manifest_path: Option<PathBuf>) -> Result<Self> {
        let manifest_path = manifest_path.map_or_else(nearest_manifest, Ok)?;
        let metadata = read(&manifest_path)?;
        let selected = selected(&metadata, &manifest_path);
        let selected = selected.into_iter().map(|package| package.id.clone()).collect();
        Ok(Self { metadata, selected })
    }

    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// Returns the packages that cargo builds by default.
    pub(crate) fn packages(&self) -> Vec<&Package> {
        let packages = self.metadata.workspace_packages().into_iter();
        packages.filter(|package| self.selected.contains(&package.id)).collect()
    }

    /// Returns the folders of its packages.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        let packages = self.metadata.workspace_packages().into_iter();
        packages.filter_map(|package| package.manifest_path.as_std_path().parent())
    }

    /// Returns the binaries of the packages that cargo builds by default, or of all packages.
    pub(crate) fn binaries(&self, all: bool) -> Vec<Binary> {
        let packages = self.metadata.workspace_packages().into_iter();
        packages
            .filter(|package| all || self.selected.contains(&package.id))
            .flat_map(|package| {
                bins(package).map(|bin| Binary::of(&self.metadata, package, bin.to_owned()))
            })
            .collect()
    }
}

/// Returns the cargo to run: the one that runs this program, if there is one.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

pub(crate) fn cannot_run(error: io::Error) -> Error {
    let missing = error.kind() == io::ErrorKind::NotFound;
    let error = Error::new("cannot run cargo").because(error);
    if missing {
        error.hint("install Rust (https://rustup.rs) or put `cargo` on `PATH`")
    } else {
        error
    }
}

fn nearest_manifest() -> Result<PathBuf> {
    let here = files::current_folder()?;
    here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file()).ok_or_else(
        || {
            Error::new(format!("no `Cargo.toml` in `{}` or a folder above it", here.display()))
                .hint("run the command in a project, or create one with `scaffold new`")
        },
    )
}

fn read(manifest_path: &Path) -> Result<Metadata> {
    execute(MetadataCommand::new().manifest_path(manifest_path).no_deps())
}

fn execute(command: &MetadataCommand) -> Result<Metadata> {
    command.exec().map_err(|error| match error {
        cargo_metadata::Error::CargoMetadata { stderr } => {
            message::print_log(stderr.as_bytes());
            Error::new("cargo could not read the project")
        }
        cargo_metadata::Error::Io(error) => cannot_run(error),
        error => Error::new("cannot read the output of `cargo metadata`").because(error),
    })
}

/// Lists the crates that cargo takes from folders: dependencies and patches.
fn paths(metadata: &Metadata) -> Vec<(String, PathBuf)> {
    let packages = metadata.workspace_packages();
    let dependencies = packages.iter().flat_map(|package| &package.dependencies);
    let dependencies = dependencies.filter_map(|dependency| {
        let path = dependency.path.clone()?;
        Some((dependency.name.clone(), path.into_std_path_buf()))
    });
    let root = metadata.workspace_root.as_std_path();
    dependencies.chain(patches(root).unwrap_or_default()).collect()
}

/// Lists the crates in `[patch]`, which `cargo metadata` does not report.
fn patches(workspace: &Path) -> Option<Vec<(String, PathBuf)>> {
    let manifest = std::fs::read_to_string(workspace.join("Cargo.toml")).ok()?;
    let manifest: DocumentMut = manifest.parse().ok()?;
    let sources = manifest.get("patch")?.as_table_like()?.iter();
    let crates = sources.filter_map(|(_, source)| source.as_table_like());
    let paths = crates.flat_map(|crates| crates.iter()).filter_map(|(name, patch)| {
        let path = patch.get("path")?.as_str()?;
        Some((name.to_owned(), workspace.join(path)))
    });
    Some(paths.collect())
}

fn package<'a>(metadata: &'a Metadata, name: &str) -> Result<&'a Package> {
    let packages = metadata.workspace_packages();
    packages.iter().find(|package| *package.name == name).copied().ok_or_else(|| {
        let names: Vec<_> = packages.iter().map(|package| package.name.as_str()).collect();
        Error::new(format!("no package named `{name}` in this workspace"))
            .hint(format!("the workspace has {}", quote::list_quoted(&names, "and")))
    })
}

/// Returns the package of this manifest, or else the default members of the workspace.
fn selected<'a>(metadata: &'a Metadata, manifest_path: &Path) -> Vec<&'a Package> {
    let manifest_path = dunce::canonicalize(manifest_path).ok();
    let own = metadata.workspace_packages().into_iter().find(|package| {
        manifest_path.is_some() && dunce::canonicalize(&package.manifest_path).ok() == manifest_path
    });
    match own {
        Some(package) => vec![package],
        None if metadata.workspace_default_members.is_available() => {
            metadata.workspace_default_packages()
        }
        None => metadata.workspace_packages(),
    }
}

/// Lists the feature of `lambda-native` that describes routes, and that of the package, with which its types
/// have schemas.
fn openapi_features(package: &Package) -> Option<String> {
    const FEATURE: &str = "openapi";
    let mut dependencies = package.dependencies.iter();
    let library =
        dependencies.find(|it| it.name == "lambda-native" && it.kind == DependencyKind::Normal)?;
    let library = format!("{}/{FEATURE}", library.rename.as_deref().unwrap_or(&library.name));
    let has_own = package.features.contains_key(FEATURE);
    Some(if has_own { format!("{FEATURE},{library}") } else { library })
}

fn bins(package: &Package) -> impl Iterator<Item = &str> {
    package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.as_str())
}

fn no_such_binary(name: &str, packages: &[&Package]) -> Error {
    let error = Error::new(format!("no binary named `{name}` in this project"));
    let others: Vec<_> = packages.iter().flat_map(|package| bins(package)).collect();
    match others.first() {
        None => error.hint("the project has no binary; add `src/main.rs`"),
        Some(_) if name != BOOTSTRAP => {
            error.hint(format!("the project has {}", quote::list_quoted(&others, "and")))
        }
        Some(other) => error.hint(format!(
            "the project has {}; set `name = \"{BOOTSTRAP}\"` under `[[bin]]` in `Cargo.toml`, \
             because Lambda only runs a file with this name, or choose one with `--bin {other}`",
            quote::list_quoted(&others, "and")
        )),
    }
}
