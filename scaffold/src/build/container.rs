//! Container engines: finding one that is ready, and building with it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio::process::Command;

use crate::aws::Architecture;
use crate::process::{interrupt, programs};
use crate::term::error::{Error, ErrorContext};
use crate::term::{progress, quote};

/// The programs that build images, all with the same arguments.
const NAMES: [&str; 3] = ["docker", "podman", "finch"];

/// The value of `--container`.
#[derive(Clone, Debug)]
pub(crate) enum EngineChoice {
    Any,
    Named(&'static str),
}

impl FromStr for EngineChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == "any" {
            return Ok(Self::Any);
        }
        NAMES
            .into_iter()
            .find(|known| *known == name)
            .map(Self::Named)
            .ok_or_else(|| format!("expected {}", quote::list_quoted(&NAMES, "or")))
    }
}

/// An engine that is running and can build.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) version: String,
    /// The processor of the machine that it runs on, which can be a different machine.
    pub(crate) architecture: Option<Architecture>,
}

/// An image to build.
#[derive(Debug)]
pub(crate) struct ImageBuild<'a> {
    /// The name that the image gets.
    pub(crate) name: &'a str,
    /// The build context.
    pub(crate) folder: &'a Path,
    pub(crate) dockerfile: &'a str,
    /// The stage of the `Dockerfile`.
    pub(crate) target: &'a str,
    pub(crate) arguments: &'a BTreeMap<String, String>,
    pub(crate) architecture: Architecture,
}

/// An engine that is installed, and why it is not ready.
#[derive(Debug)]
struct UnusableEngine {
    program: PathBuf,
    why: String,
}

/// Why no engine is ready.
#[derive(Debug)]
pub(crate) struct NoEngine {
    tried: Vec<&'static str>,
    unusable: Vec<UnusableEngine>,
}

impl NoEngine {
    /// Explains it on one line.
    pub(crate) fn why(&self) -> String {
        if self.unusable.is_empty() {
            return match self.tried.as_slice() {
                [only] => format!("`{only}` is not on `PATH`"),
                all => format!("none of {} is on `PATH`", quote::list_quoted(all, "and")),
            };
        }
        let each = |unusable: &UnusableEngine| {
            format!("`{}` {}", unusable.program.display(), unusable.why)
        };
        self.unusable.iter().map(each).collect::<Vec<_>>().join("; ")
    }

    /// Suggests a fix.
    pub(crate) fn fix(&self) -> &'static str {
        if self.unusable.is_empty() {
            "install Docker, Podman or Finch"
        } else if self.unusable.iter().any(|unusable| unusable.why.contains("buildx")) {
            "install Docker's buildx (package `docker-buildx-plugin` or `docker-buildx`)"
        } else {
            "start one: Docker Desktop, `sudo systemctl start docker`, `podman machine start` or \
             `finch vm start`"
        }
    }

    /// Turns it into an error, whose hint depends on what the engine is for.
    pub(crate) fn into_error(self) -> Error {
        Error::new(format!("no container engine is ready: {}", self.why()))
    }
}

/// Finds the first engine that is ready.
pub(crate) async fn find(choice: &EngineChoice) -> Result<Engine, NoEngine> {
    let tried = match choice {
        EngineChoice::Any => NAMES.to_vec(),
        EngineChoice::Named(name) => vec![*name],
    };
    let mut unusable = Vec::new();
    for name in &tried {
        for program in programs::find_all(name) {
            match ready(name, program.clone()).await {
                Ok(engine) => return Ok(engine),
                Err(why) => unusable.push(UnusableEngine { program, why }),
            }
        }
    }
    Err(NoEngine { tried, unusable })
}

/// The first version of the `docker` program that builds only with a plugin.
const NEEDS_BUILDX: u32 = 23;

async fn ready(name: &'static str, program: PathBuf) -> Result<Engine, String> {
    let format = match name {
        "docker" => {
            ["version", "--format", "{{.Server.Arch}} {{.Server.Version}} {{.Client.Version}}"]
        }
        "podman" => ["info", "--format", "{{.Host.Arch}} {{.Version.Version}}"],
        _ => ["info", "--format", "{{.Architecture}} {{.ServerVersion}}"],
    };
    let answer = programs::ask(&program, format).await?;
    let mut words = answer.split_whitespace();
    let architecture = words.next().and_then(|name| match name {
        "amd64" | "x86_64" => Some(Architecture::X86_64),
        "arm64" | "aarch64" => Some(Architecture::Arm64),
        _ => None,
    });
    let version = words.next().unwrap_or_default().to_owned();
    if name == "docker" {
        let client = words.next().and_then(|version| version.split('.').next()?.parse().ok());
        if client.is_none_or(|major: u32| major >= NEEDS_BUILDX) {
            let buildx = programs::ask(&program, ["buildx", "version"]).await;
            buildx.map_err(|_| "has no buildx, which builds images".to_owned())?;
        }
    }
    Ok(Engine { name, program, version, architecture })
}

impl Engine {
    /// Builds a stage of the `Dockerfile` in `folder`, and copies its files to `output`.
    pub(crate) async fn build(
        &self,
        stage: &str,
        folder: &Path,
        build_arguments: &[(&str, &str)],
        output: &Path,
        more: &[OsString],
    ) -> Result<(), Error> {
        let mut command = Command::new(&self.program);
        command.arg("build");
        if self.name != "podman" {
            // Print a log of lines, as Podman always does.
            command.arg("--progress=plain");
        }
        command.args(["--target", stage]);
        for (name, value) in build_arguments {
            command.args(["--build-arg", &format!("{name}={value}")]);
        }
        command.args(["--output", &format!("type=local,dest={}", output.display())]);
        if self.name == "docker" {
            // Old versions have no `--output` without BuildKit.
            command.env("DOCKER_BUILDKIT", "1");
        }
        command.args(more).arg(folder);
        let status = progress::run(command, self.name)
            .await
            .context(|| format!("cannot run `{}`", self.name))?;
        if status.success() {
            return Ok(());
        }
        interrupt::check_child(status)?;
        Err(Error::new(format!("{} could not build the function", self.name)))
    }

    /// Builds a stage of a `Dockerfile` as an image for Lambda.
    pub(crate) async fn build_image(&self, build: &ImageBuild<'_>) -> Result<(), Error> {
        let mut command = Command::new(&self.program);
        command.arg("build");
        if self.name != "podman" {
            // Lambda accepts no image index, which BuildKit makes to attach the provenance.
            command.args(["--progress=plain", "--provenance=false"]);
        }
        command
            .arg(format!("--platform=linux/{}", build.architecture.image()))
            .args(["--target", build.target, "--tag", build.name, "--file"])
            .arg(build.folder.join(build.dockerfile))
            .args(["--build-arg", &format!("ARCHITECTURE={}", build.architecture.image())]);
        for (name, value) in build.arguments {
            command.args(["--build-arg", &format!("{name}={value}")]);
        }
        if self.name == "docker" {
            command.env("DOCKER_BUILDKIT", "1");
        }
        command.arg(build.folder);
        let status = progress::run(command, self.name)
            .await
            .context(|| format!("cannot run `{}`", self.name))?;
        if status.success() {
            return Ok(());
        }
        interrupt::check_child(status)?;
        Err(Error::new(format!("{} could not build the image", self.name)))
    }

    /// Copies a file out of a local image, the one for this processor if it is known; returns `false`
    /// if the image has no such file.
    pub(crate) async fn copy_out(
        &self,
        image: &str,
        architecture: Option<Architecture>,
        from: &str,
        to: &Path,
    ) -> Result<bool, String> {
        // A container is created and never started, because files cannot be copied from an image.
        let platform = architecture.map(|it| format!("--platform=linux/{}", it.image()));
        let create = ["create", "--pull=never"].into_iter().chain(platform.as_deref());
        let container = programs::ask(&self.program, create.chain([image])).await?;
        let source = format!("{container}:{from}");
        let copied = programs::ask(&self.program, ["cp".as_ref(), source.as_ref(), to.as_os_str()]);
        let copied = copied.await;
        programs::ask(&self.program, ["rm", &container]).await?;
        match copied {
            Ok(_) => Ok(true),
            Err(why) if why.contains(from) => Ok(false),
            Err(why) => Err(why),
        }
    }

    /// Explains why it cannot run programs for this processor, as far as that is known.
    pub(crate) fn cannot_run(&self, architecture: Architecture) -> Option<String> {
        let own = self.architecture?;
        if own == architecture || !cfg!(target_os = "linux") {
            // Docker Desktop and similar products include emulation.
            return None;
        }
        let handler = format!("/proc/sys/fs/binfmt_misc/qemu-{}", architecture.machine());
        (!Path::new(&handler).exists())
            .then(|| format!("{} runs on {own} and cannot emulate {architecture}", self.name))
    }
}

/// Suggests how to install an emulator of this processor.
pub(crate) fn add_emulator(architecture: Architecture) -> String {
    format!(
        "add an emulator with `docker run --privileged --rm tonistiigi/binfmt --install {}`, or build \
         with `--zig`",
        architecture.image()
    )
}
