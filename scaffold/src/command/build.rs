//! `scaffold build`: the executable that Lambda runs, whatever this machine is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use anstyle::{AnsiColor, Style};
use regex::Regex;
use tokio::process::Command;

use crate::application::Application;
use crate::artifact::{self, Artifact, Expected};
use crate::cargo::{BOOTSTRAP, Binary, Compile, Selection};
use crate::cli::BuildArgs;
use crate::engine::{self, Choice, Engine, NoEngine};
use crate::error::{Error, Result};
use crate::lambda::{Architecture, GLIBC};
use crate::{command, interrupt, progress, shell, toolchain};

const DOING: Style = AnsiColor::Green.on_default().bold();
const DONE: Style = DOING;

/// The stage of a `Dockerfile` that holds nothing but the executable.
const STAGE: &str = "artifact";

/// What to build and how, with nothing left to find out.
pub(crate) struct Build {
    binary: Binary,
    architecture: Architecture,
    method: Method,
    /// Why this method, where nobody asked for it.
    because: Option<String>,
}

enum Method {
    /// Cargo on this machine, with its own linker or with zig's.
    Cargo { compile: Compile, with: &'static str },
    /// The stage `artifact` of the `Dockerfile` in this folder.
    Container {
        engine: Engine,
        folder: PathBuf,
        profile: String,
        is_static: bool,
        more: Vec<OsString>,
    },
}

pub(crate) fn run(arguments: BuildArgs) -> Result<ExitCode> {
    interrupt::block_on(async {
        let (path, expected) = resolve(arguments).await?.run().await?;
        let artifact = artifact::inspect(&path, &expected)?;
        say(&artifact);
        command::inspect::report(&artifact);
        Ok(exit_code(&artifact))
    })
}

pub(crate) fn exit_code(artifact: &Artifact) -> ExitCode {
    if artifact.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(artifact: &Artifact) {
    let executable = artifact.executable.as_ref();
    let what = executable.map(|executable| format!(": {}", executable.summary()));
    let path = shell::relative(&artifact.path);
    anstream::eprintln!("{DONE}built{DONE:#} {path}{}", what.unwrap_or_default());
}

/// Decides how to build, and refuses what cannot succeed.
pub(crate) async fn resolve(arguments: BuildArgs) -> Result<Build> {
    let BuildArgs { how, arch, is_static, profile, bin, package, manifest_path, more } = arguments;
    let binary = Selection { manifest_path, package, bin }.find()?;
    let architecture = match arch {
        Some(architecture) => architecture,
        None => default_architecture(&binary)?,
    };
    let is_static = is_static || binary.is_static;
    let wish = Wish { architecture, is_static, profile, more };
    let (method, because) = if let Some(choice) = how.container {
        let Some(folder) = dockerfile(&binary) else { return Err(no_dockerfile(&binary)) };
        if let Some(why) = left_out(&binary, &folder) {
            let hint = format!("{MOVE}; or build without: `--native` or `--zig`");
            return Err(Error::new(why).hint(hint));
        }
        let engine = engine::find(&choice).await.map_err(|none| {
            no_engine(&none).hint(format!("{}, or build without: `--native`", none.mend()))
        })?;
        (in_container(wish, engine, folder)?, None)
    } else if how.native {
        (natively(wish, &binary).await?, None)
    } else if how.zig {
        (with_zig(wish).await?, None)
    } else {
        choose(wish, &binary).await?
    };
    Ok(Build { binary, architecture, method, because })
}

/// What is wanted, however it is built.
struct Wish {
    architecture: Architecture,
    is_static: bool,
    profile: String,
    more: Vec<OsString>,
}

/// In a container where that is possible, else by cargo on this machine, with the reason.
async fn choose(wish: Wish, binary: &Binary) -> Result<(Method, Option<String>)> {
    let Some(folder) = dockerfile(binary) else {
        let why = format!("the project has no `Dockerfile` with a stage `{STAGE}`");
        return Ok((natively(wish, binary).await?, Some(why)));
    };
    if let Some(why) = left_out(binary, &folder) {
        return Ok((natively(wish, binary).await?, Some(why)));
    }
    match engine::find(&Choice::Any).await {
        Ok(engine) => {
            let why = format!("{} {} is ready", engine.name, engine.version);
            match engine.cannot_run(wish.architecture) {
                None => Ok((in_container(wish, engine, folder)?, Some(why))),
                Some(why) => Ok((natively(wish, binary).await?, Some(why))),
            }
        }
        Err(none) => Ok((natively(wish, binary).await?, Some(none.why()))),
    }
}

/// What the template says, else this machine's.
fn default_architecture(binary: &Binary) -> Result<Architecture> {
    let Some((template, application)) = Application::nearest(binary.folder())? else {
        return Ok(Architecture::host().unwrap_or(Architecture::X86_64));
    };
    match application.architectures()?.as_slice() {
        [one] => Ok(*one),
        _ => Err(Error::new(format!(
            "the functions of `{}` are for more than one processor",
            template.display()
        ))
        .hint("choose one with `--arch x86_64` or `--arch arm64`")
        .usage()),
    }
}

/// The folder of the package or of the workspace that has a `Dockerfile` to build the executable
/// with.
fn dockerfile(binary: &Binary) -> Option<PathBuf> {
    let stage = Regex::new(&format!(r"(?im)^\s*FROM\s.*\sAS\s+{STAGE}\s*$")).ok()?;
    [binary.folder(), &binary.workspace].into_iter().find_map(|folder| {
        let text = fs::read_to_string(folder.join("Dockerfile")).ok()?;
        stage.is_match(&text).then(|| folder.to_owned())
    })
}

fn no_dockerfile(binary: &Binary) -> Error {
    let folder = binary.folder().display();
    Error::new(format!("no `Dockerfile` with a stage `{STAGE}` is in `{folder}`"))
        .hint("`scaffold new` writes one; or build without: `--native` or `--zig`")
}

const MOVE: &str = "move it into the project, as `scaffold new --runtime embedded` does";

/// Fails where a container that gets this folder would lack sources of the function in it.
pub(crate) fn check_context(folder: &Path) -> Result<()> {
    let manifest_path = folder.join("Cargo.toml");
    if !manifest_path.is_file() {
        return Ok(());
    }
    let bin = BOOTSTRAP.to_owned();
    let binary = Selection { manifest_path: Some(manifest_path), package: None, bin }.find()?;
    left_out(&binary, folder).map_or(Ok(()), |why| Err(Error::new(why).hint(MOVE)))
}

pub(crate) fn no_engine(none: &NoEngine) -> Error {
    Error::new(format!("no container engine is ready: {}", none.why()))
}

/// Why a container, which gets the folder of the `Dockerfile`, does not get all sources.
fn left_out(binary: &Binary, folder: &Path) -> Option<String> {
    let (name, path) = binary.outside_of(folder)?;
    let (path, folder) = (path.display(), folder.display());
    Some(format!("a container gets only `{folder}`, and `{name}` is in `{path}`"))
}

fn in_container(wish: Wish, engine: Engine, folder: PathBuf) -> Result<Method> {
    let Wish { architecture, is_static, profile, more } = wish;
    if let Some(why) = engine.cannot_run(architecture) {
        return Err(Error::new(why).hint(engine::add_emulator(architecture)));
    }
    Ok(Method::Container { engine, folder, profile, is_static, more })
}

async fn natively(wish: Wish, binary: &Binary) -> Result<Method> {
    let Wish { architecture, is_static, profile, more } = wish;
    let target = architecture.target();
    let mut compile = Compile { more, ..Compile::new(profile) };
    if toolchain::host().await? == target {
        if is_static {
            toolchain::check_static_glibc().await?;
        }
    } else {
        toolchain::check_standard_library(target).await?;
        compile.target = Some(target.to_owned());
        if let Some(linker) = toolchain::linker(architecture, binary.folder())? {
            let setting = format!("target.{target}.linker={linker:?}");
            compile.more.splice(0..0, ["--config".into(), setting.into()]);
        }
    }
    if is_static {
        // With a target, cargo leaves build scripts and macros as they are: those must be dynamic.
        compile.target = Some(target.to_owned());
        link_statically(&mut compile, target);
    }
    Ok(Method::Cargo { compile, with: "on this machine" })
}

fn link_statically(compile: &mut Compile, target: &str) {
    const FLAG: &str = "-Ctarget-feature=+crt-static";
    // Where the variable is set, cargo reads no other flags.
    if let Ok(flags) = std::env::var("RUSTFLAGS") {
        compile.environment.push(("RUSTFLAGS".to_owned(), format!("{flags} {FLAG}").into()));
    } else {
        let setting = format!("target.{target}.rustflags=[{FLAG:?}]");
        compile.more.splice(0..0, ["--config".into(), setting.into()]);
    }
}

async fn with_zig(wish: Wish) -> Result<Method> {
    let Wish { architecture, is_static, profile, more } = wish;
    let environment = toolchain::zig().await?;
    let [major, minor] = GLIBC;
    // zig links glibc dynamically only, and musl statically.
    let (target, wanted) = if is_static {
        let target = format!("{}-unknown-linux-musl", architecture.machine());
        (target.clone(), target)
    } else {
        let target = architecture.target();
        (target.to_owned(), format!("{target}.{major}.{minor}"))
    };
    toolchain::check_standard_library(&target).await?;
    let compile = Compile {
        subcommand: "zigbuild",
        target: Some(wanted),
        more,
        environment,
        ..Compile::new(profile)
    };
    Ok(Method::Cargo { compile, with: "on this machine, with zig for a linker" })
}

impl Build {
    /// Builds, and gives the executable, which is at `target/lambda/NAME/bootstrap`, and what it is
    /// for.
    pub(crate) async fn run(self) -> Result<(PathBuf, Expected)> {
        let Self { binary, architecture, method, because } = self;
        let because = because.map(|why| format!(": {why}")).unwrap_or_default();
        let (name, with) = (binary.function(), method.describe());
        anstream::eprintln!("{DOING}building{DOING:#} {name} for {architecture} {with}{because}");

        let output = binary.output();
        let cannot_write = |error: io::Error| {
            Error::new(format!("cannot write to `{}`", output.display())).because(error)
        };
        fs::create_dir_all(&output).map_err(cannot_write)?;
        let path = output.join(BOOTSTRAP);
        // Beside its place, so that it gets there whole or not at all.
        let staging = tempfile::Builder::new()
            .prefix(".build-")
            .tempdir_in(output.parent().unwrap_or(&output))
            .map_err(cannot_write)?;
        let built = staging.path().join(BOOTSTRAP);
        match &method {
            Method::Cargo { compile, .. } => {
                fs::copy(binary.build(compile).await?, &built).map_err(cannot_write)?;
            }
            Method::Container { engine, folder, profile, is_static, more } => {
                if !binary.workspace.join("Cargo.lock").is_file() {
                    binary.lock().await?;
                }
                let mut command = Command::new(&engine.program);
                command
                    .arg("build")
                    .args(engine.own_arguments())
                    .envs(engine.environment())
                    .args(["--target", STAGE])
                    .args(["--build-arg", &format!("ARCHITECTURE={}", architecture.image())])
                    .args(["--build-arg", &format!("PROFILE={profile}")])
                    .args(is_static.then_some("--build-arg=LINKING=static"))
                    .args(
                        (binary.name != BOOTSTRAP)
                            .then(|| format!("--build-arg=BINARY={}", binary.name)),
                    )
                    .args(["--output", &format!("type=local,dest={}", staging.path().display())])
                    .args(more)
                    .arg(folder);
                build_image(command, engine.name).await?;
            }
        }
        fs::rename(&built, &path).map_err(cannot_write)?;
        Ok((path, Expected::new(architecture, "the build")))
    }
}

impl Method {
    fn describe(&self) -> String {
        match self {
            Self::Cargo { with, .. } => (*with).to_owned(),
            Self::Container { engine, .. } => format!("in a container of {}", engine.name),
        }
    }
}

async fn build_image(command: Command, engine: &str) -> Result<()> {
    let status = progress::run(command, engine)
        .await
        .map_err(|error| Error::new(format!("cannot run `{engine}`")).because(error))?;
    if status.success() {
        return Ok(());
    }
    interrupt::check_child(status)?;
    Err(Error::new(format!("{engine} could not build the function")))
}

/// The name of the zip beside an executable.
pub(crate) fn zip_beside(executable: &Path) -> PathBuf {
    executable.with_file_name("bootstrap.zip")
}
