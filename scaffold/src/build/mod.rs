//! Building a function for Lambda: with cargo on this machine, with zig, or in a container.
//!
//! A [`BuildRequest`] is what the user asked for. [`BuildRequest::resolve`] decides how to build and
//! refuses what cannot succeed, and [`Build::run`] builds.

pub(crate) mod aws_lc;
mod c_code;
pub(crate) mod cargo;
pub(crate) mod container;
pub(crate) mod dockerfile;
pub(crate) mod native;
pub(crate) mod settings;
pub(crate) mod toolchain;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use self::cargo::{Binary, CompileOptions, Selection};
use self::container::{Engine, EngineChoice};
use self::native::NativeTools;
use crate::artifact::{Expected, Linking};
use crate::aws::{Architecture, BOOTSTRAP, GLIBC};
use crate::process::interrupt;
use crate::sam::Application;
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::style::STATUS;
use crate::term::{escape, message};

/// A build as the command line asks for it.
#[derive(Debug)]
pub(crate) struct BuildRequest {
    pub(crate) selection: Selection,
    /// `None` leaves the choice to the program.
    pub(crate) method: Option<BuildMethod>,
    pub(crate) architecture: Option<Architecture>,
    /// `None` leaves it to the project.
    pub(crate) linking: Option<Linking>,
    /// True if a missing target of Rust is added without asking.
    pub(crate) add_target: bool,
    pub(crate) profile: String,
    /// Additional arguments for cargo or the container engine.
    pub(crate) more: Vec<OsString>,
}

/// A way to build.
#[derive(Debug)]
pub(crate) enum BuildMethod {
    Container(EngineChoice),
    Native,
    Zig,
}

impl BuildMethod {
    /// Returns the methods in the order in which they are tried. A static executable needs no
    /// container; the glibc of a dynamic one must not be newer than Lambda's.
    fn in_order(linking: Linking) -> [Self; 3] {
        let container = Self::Container(EngineChoice::Any);
        match linking {
            Linking::Static => [Self::Native, container, Self::Zig],
            Linking::Dynamic => [container, Self::Native, Self::Zig],
        }
    }

    /// Returns the name of its flag.
    fn name(&self) -> &'static str {
        match self {
            Self::Container(_) => "container",
            Self::Native => "native",
            Self::Zig => "zig",
        }
    }
}

/// A build with nothing left to decide.
#[derive(Debug)]
pub(crate) struct Build {
    binary: Binary,
    architecture: Architecture,
    builder: Builder,
    /// Why the program chose this builder, if the user did not.
    reason: Option<String>,
}

#[derive(Debug)]
enum Builder {
    /// Cargo on this machine, with its own linker or with zig.
    Cargo { options: CompileOptions, description: &'static str },
    /// The stage of the `Dockerfile` in this folder.
    Container {
        engine: Engine,
        folder: PathBuf,
        profile: String,
        linking: Linking,
        more: Vec<OsString>,
    },
}

/// The options that every builder takes.
struct Options {
    architecture: Architecture,
    linking: Linking,
    add_target: bool,
    profile: String,
    more: Vec<OsString>,
}

impl BuildRequest {
    /// Decides how to build, and fails if this machine cannot.
    pub(crate) async fn resolve(self) -> Result<Build> {
        let Self { selection, method, architecture, linking, add_target, profile, more } = self;
        let binary = selection.find()?;
        let architecture = match architecture {
            Some(architecture) => architecture,
            None => default_architecture(&binary).await?,
        };
        let linking = linking.unwrap_or_else(|| binary.linking());
        let options = Options { architecture, linking, add_target, profile, more };
        let (builder, reason) = match method {
            None => {
                let (builder, reason) = choose(&options, &binary).await?;
                (builder, Some(reason))
            }
            Some(method) => (resolve(&method, &options, &binary).await?.0, None),
        };
        Ok(Build { binary, architecture, builder, reason })
    }
}

/// Chooses the first method that can succeed, and explains the choice. If none can, the error is that
/// of a build with cargo alone.
async fn choose(options: &Options, binary: &Binary) -> Result<(Builder, String)> {
    let mut tried = Vec::new();
    let mut failure = None;
    let mut methods = BuildMethod::in_order(options.linking).into_iter();
    while let Some(method) = methods.next() {
        let name = method.name();
        match resolve(&method, options, binary).await {
            Ok((builder, why)) => {
                tried.push(format!("{name}: {why}"));
                let rest: Vec<_> = methods.map(|method| method.name()).collect();
                if !rest.is_empty() {
                    tried.push(format!("then {}", rest.join(", ")));
                }
                return Ok((builder, tried.join("; ")));
            }
            Err(error) if error.is_interrupt() => return Err(error),
            Err(error) => {
                tried.push(format!("{name}: {error}"));
                if matches!(method, BuildMethod::Native) {
                    failure = Some(error);
                }
            }
        }
    }
    Err(failure.unwrap_or_else(|| Error::new(tried.join("; "))))
}

/// Resolves a method, or fails if it cannot succeed; explains why it can.
async fn resolve(
    method: &BuildMethod,
    options: &Options,
    binary: &Binary,
) -> Result<(Builder, String)> {
    match method {
        BuildMethod::Container(choice) => container(options, binary, choice).await,
        BuildMethod::Native => native(options, binary).await,
        BuildMethod::Zig => zig(options).await,
    }
}

/// Takes the processor from the template, or else from the manifest or from this machine.
async fn default_architecture(binary: &Binary) -> Result<Architecture> {
    let Some((template, application)) = Application::nearest(binary.folder())? else {
        return match binary.settings().architecture()? {
            Some(architecture) => Ok(architecture),
            None => toolchain::host_architecture().await,
        };
    };
    match application.architectures()?.as_slice() {
        [one] => Ok(*one),
        _ => Err(Error::new(format!(
            "the functions in `{}` are for different processors",
            template.display()
        ))
        .hint("choose one with `--arch x86_64` or `--arch arm64`")
        .usage()),
    }
}

async fn container(
    options: &Options,
    binary: &Binary,
    choice: &EngineChoice,
) -> Result<(Builder, String)> {
    let Options { architecture, linking, profile, more, .. } = options;
    let Some(folder) = dockerfile::find(binary) else {
        let folder = binary.folder().display();
        let stage = dockerfile::STAGE;
        return Err(Error::new(format!("no `Dockerfile` with a stage `{stage}` in `{folder}`"))
            .hint(
                "`scaffold new` creates one; or build without a container: `--native` or `--zig`",
            ));
    };
    if let Some(reason) = dockerfile::missing_sources(binary, &folder) {
        let hint = format!(
            "{}; or build without a container: `--native` or `--zig`",
            dockerfile::MOVE_SOURCES
        );
        return Err(Error::new(reason).hint(hint));
    }
    let engine = container::find(choice).await.map_err(|none| {
        let hint = format!("{}, or build without a container: `--native`", none.fix());
        none.into_error().hint(hint)
    })?;
    if let Some(reason) = engine.cannot_run(*architecture) {
        return Err(Error::new(reason).hint(container::add_emulator(*architecture)));
    }
    let why = format!("{} {} is running", engine.name, engine.version);
    let (profile, linking, more) = (profile.clone(), *linking, more.clone());
    Ok((Builder::Container { engine, folder, profile, linking, more }, why))
}

async fn native(options: &Options, binary: &Binary) -> Result<(Builder, String)> {
    let Options { architecture, linking, add_target, profile, more } = options;
    let tools = NativeTools::find(*architecture, *linking, binary.folder(), Some(binary)).await?;
    toolchain::provide_standard_library(tools.target(), *add_target).await?;
    let why = tools.describe();
    let mut options = CompileOptions { more: more.clone(), ..CompileOptions::new(profile) };
    tools.add_to(&mut options);
    Ok((Builder::Cargo { options, description: "on this machine" }, why))
}

async fn zig(options: &Options) -> Result<(Builder, String)> {
    let Options { architecture, linking, add_target, profile, more } = options;
    let environment = toolchain::zig().await?;
    let target = toolchain::target(*architecture, *linking);
    toolchain::provide_standard_library(&target, *add_target).await?;
    let target_argument = match linking {
        Linking::Static => target,
        Linking::Dynamic => {
            let [major, minor] = GLIBC;
            format!("{target}.{major}.{minor}")
        }
    };
    let options = CompileOptions {
        subcommand: "zigbuild",
        target: Some(target_argument),
        more: more.clone(),
        environment,
        ..CompileOptions::new(profile)
    };
    let description = "on this machine with zig as the linker";
    Ok((Builder::Cargo { options, description }, "cargo-zigbuild is installed".to_owned()))
}

impl Build {
    /// Returns the binary that it builds.
    pub(crate) fn binary(&self) -> &Binary {
        &self.binary
    }

    /// Builds the executable `target/lambda/NAME/bootstrap`, and returns its path and the processor
    /// that it must be for.
    pub(crate) async fn run(self) -> Result<(PathBuf, Expected)> {
        let Self { binary, architecture, builder, reason } = self;
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let (name, how) = (binary.function(), builder.describe());
        let name = escape::line(name);
        message::note(format_args!(
            "{STATUS}building{STATUS:#} {name} for {architecture} {how}{reason}"
        ));

        let output = binary.output();
        let cannot_write = || format!("cannot write to `{}`", output.display());
        fs::create_dir_all(&output).context(cannot_write)?;
        // In the same file system, so that a rename replaces the executable at once.
        let staging = tempfile::Builder::new()
            .prefix(".build-")
            .tempdir_in(output.parent().unwrap_or(&output))
            .context(cannot_write)?;
        let built = staging.path().join(BOOTSTRAP);
        match builder {
            Builder::Cargo { options, .. } => {
                let executable = binary.build(&options).await?;
                fs::copy(executable, &built).context(cannot_write)?;
            }
            Builder::Container { engine, folder, profile, linking, more } => {
                if !binary.workspace.join("Cargo.lock").is_file() {
                    binary.lock().await?;
                }
                let mut arguments = vec![
                    ("ARCHITECTURE", architecture.image()),
                    ("LINKING", linking.name()),
                    ("PROFILE", profile.as_str()),
                ];
                if binary.name != BOOTSTRAP {
                    arguments.push(("BINARY", &binary.name));
                }
                // Engines take the output's path in a list that commas separate.
                let elsewhere = if staging.path().to_string_lossy().contains(',') {
                    Some(interrupt::temporary_folder("executable")?)
                } else {
                    None
                };
                let output = elsewhere.as_ref().unwrap_or(&staging).path();
                engine.build(dockerfile::STAGE, &folder, &arguments, output, &more).await?;
                if elsewhere.is_some() {
                    fs::copy(output.join(BOOTSTRAP), &built).context(cannot_write)?;
                }
            }
        }
        let path = output.join(BOOTSTRAP);
        fs::rename(&built, &path).context(cannot_write)?;
        Ok((path, Expected::new(architecture, "the build")))
    }
}

impl Builder {
    fn describe(&self) -> String {
        match self {
            Self::Cargo { description, .. } => (*description).to_owned(),
            Self::Container { engine, .. } => format!("in a {} container", engine.name),
        }
    }
}
