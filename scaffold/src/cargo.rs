//! Finds a function in the user's project and has cargo build it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::{Artifact, Message, Metadata, MetadataCommand, Package, PackageId};
use tokio::process::Command;
use toml_edit::DocumentMut;

use crate::emulator::Group;
use crate::error::{Error, Result};
use crate::interrupt;

/// The binary that Lambda starts.
pub(crate) const BOOTSTRAP: &str = "bootstrap";

/// Which binary of which package, as the command line says it.
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
    manifest_path: PathBuf,
    pub(crate) workspace: PathBuf,
    target: PathBuf,
    /// Whether its manifest asks for no shared libraries: `package.metadata.scaffold.linking`.
    pub(crate) is_static: bool,
    paths: Vec<(String, PathBuf)>,
}

/// How cargo is to compile a binary.
#[derive(Debug)]
pub(crate) struct Compile {
    /// `build`, or a command of cargo's that takes the same arguments.
    pub(crate) subcommand: &'static str,
    pub(crate) profile: String,
    /// What cargo's `--target` gets.
    pub(crate) target: Option<String>,
    /// More arguments, as they are.
    pub(crate) more: Vec<OsString>,
    pub(crate) environment: Vec<(String, OsString)>,
}

impl Compile {
    /// For this machine, in this profile.
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
    /// Finds the binary as cargo would: from the manifest here or in a folder above, in its package
    /// or, where it is only a workspace, in the one default member that has it.
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
        Self {
            package: owner.name.to_string(),
            name,
            manifest_path: owner.manifest_path.clone().into_std_path_buf(),
            workspace: metadata.workspace_root.clone().into_std_path_buf(),
            target: metadata.target_directory.clone().into_std_path_buf(),
            is_static: owner.metadata.pointer("/scaffold/linking") == Some(&"static".into()),
            paths: paths(metadata),
        }
    }

    /// The folder of the package.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new(""))
    }

    /// What the function is called among others: the package's name, or, where one package has
    /// several functions, the binary's.
    pub(crate) fn function(&self) -> &str {
        if self.name == BOOTSTRAP { &self.package } else { &self.name }
    }

    /// The folder that holds what is to be shipped.
    pub(crate) fn output(&self) -> PathBuf {
        self.target.join("lambda").join(self.function())
    }

    /// Cargo's target folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A crate that cargo takes from a folder outside of this one: its name and that folder.
    pub(crate) fn outside_of(&self, folder: &Path) -> Option<(&str, &Path)> {
        let folder = dunce::canonicalize(folder).ok()?;
        let is_outside =
            |path: &Path| dunce::canonicalize(path).is_ok_and(|path| !path.starts_with(&folder));
        let outside = self.paths.iter().find(|(_, path)| is_outside(path));
        outside.map(|(name, path)| (name.as_str(), path.as_path()))
    }

    /// Has cargo write the workspace's `Cargo.lock`.
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

    /// Builds the binary and gives the path of the executable. Cargo tells the user itself what it
    /// does, on standard error.
    pub(crate) async fn build(&self, compile: &Compile) -> Result<PathBuf> {
        let mut command = Command::new(cargo());
        command
            .args([compile.subcommand, "--message-format=json-render-diagnostics"])
            .args(["--bin", &self.name, "--profile", &compile.profile])
            .arg("--manifest-path")
            .arg(&self.manifest_path)
            .args(compile.target.iter().flat_map(|target| ["--target", target]))
            .args(&compile.more)
            .envs(compile.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
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

/// Builds binaries of one workspace for this machine, and gives the paths of their executables.
/// No two may have the same name: cargo puts them in the same place.
pub(crate) async fn build_all(binaries: &[&Binary], profile: &str) -> Result<Vec<PathBuf>> {
    let Some(first) = binaries.first() else { return Ok(Vec::new()) };
    let mut command = Command::new(cargo());
    command
        .args(["build", "--message-format=json-render-diagnostics", "--profile", profile])
        .arg("--manifest-path")
        .arg(first.workspace.join("Cargo.toml"))
        .args(binaries.iter().flat_map(|binary| ["--package", &binary.package]))
        .args(binaries.iter().flat_map(|binary| ["--bin", &binary.name]))
        // Others write to the terminal too.
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let artifacts = artifacts(command).await?;
    binaries.iter().map(|binary| binary.executable(&artifacts)).collect()
}

/// Runs a command of cargo's that builds, and gives the binaries that it tells of.
async fn artifacts(command: Command) -> Result<Vec<Artifact>> {
    // Its compilers and build scripts end with it.
    let (child, _group) = Group::spawn(command).map_err(cannot_run)?;
    let output = child.wait_with_output().await.map_err(cannot_run)?;
    if !output.status.success() {
        interrupt::check_child(output.status)?;
        return Err(Error::new("cargo could not build the function"));
    }
    Ok(Message::parse_stream(output.stdout.as_slice())
        .filter_map(std::result::Result::ok)
        .filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.is_bin() => Some(artifact),
            _ => None,
        })
        .collect())
}

/// A workspace, and what is in it.
#[derive(Debug)]
pub(crate) struct Workspace {
    metadata: Metadata,
    /// What is built here if nothing else is said.
    selected: Vec<PackageId>,
}

impl Workspace {
    /// The one of this manifest, or of the nearest.
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

    /// The folders of its packages.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        let packages = self.metadata.workspace_packages().into_iter();
        packages.filter_map(|package| package.manifest_path.as_std_path().parent())
    }

    /// Its binaries: those of what is built here if nothing else is said, or all.
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

/// The program to run: the one that runs us, if one does.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn cannot_run(error: io::Error) -> Error {
    let missing = error.kind() == io::ErrorKind::NotFound;
    let error = Error::new("cannot run cargo").because(error);
    if missing { error.hint("install Rust, or put cargo's folder on `PATH`") } else { error }
}

fn nearest_manifest() -> Result<PathBuf> {
    let here = std::env::current_dir()
        .map_err(|error| Error::new("cannot read the current folder").because(error))?;
    here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file()).ok_or_else(
        || {
            Error::new(format!("no `Cargo.toml` in `{}` or a folder above it", here.display()))
                .hint("change to a project's folder, or make one with `scaffold new`")
        },
    )
}

fn read(manifest_path: &Path) -> Result<Metadata> {
    MetadataCommand::new().manifest_path(manifest_path).no_deps().exec().map_err(
        |error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => {
                anstream::eprint!("{stderr}");
                Error::new("cargo could not read the project")
            }
            cargo_metadata::Error::Io(error) => cannot_run(error),
            error => Error::new("cannot read what cargo says of the project").because(error),
        },
    )
}

/// The crates that cargo takes from folders: dependencies, and what takes the place of others.
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

/// Those in `[patch]`, of which cargo's metadata do not tell.
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
        let names = packages.iter().map(|package| package.name.as_str());
        Error::new(format!("no package named `{name}` in this workspace"))
            .hint(format!("it has {}", list(names)))
    })
}

/// The package whose manifest it is, or else the default members of the workspace.
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

fn bins(package: &Package) -> impl Iterator<Item = &str> {
    package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.as_str())
}

fn no_such_binary(name: &str, packages: &[&Package]) -> Error {
    let error = Error::new(format!("no binary named `{name}` in this project"));
    let others: Vec<_> = packages.iter().flat_map(|package| bins(package)).collect();
    match others.first() {
        None => error.hint("it has no binary: Lambda needs `src/main.rs`"),
        Some(_) if name != BOOTSTRAP => error.hint(format!("it has {}", list(others.into_iter()))),
        Some(other) => error.hint(format!(
            "it has {}: set `name = \"{BOOTSTRAP}\"` under `[[bin]]` in `Cargo.toml`, as Lambda \
             starts no other, or name one with `--bin {other}`",
            list(others.iter().copied())
        )),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
