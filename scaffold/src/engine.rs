//! Container engines: the one that is ready to build, or why none is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::lambda::Architecture;
use crate::programs;

/// The programs that build images, all with the same arguments.
const NAMES: [&str; 3] = ["docker", "podman", "finch"];

/// What `--container` was given.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Any,
    Named(&'static str),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == "any" {
            return Ok(Self::Any);
        }
        NAMES
            .into_iter()
            .find(|known| *known == name)
            .map(Self::Named)
            .ok_or_else(|| format!("expected `any` or {}", quoted(&NAMES, "or")))
    }
}

/// An engine that answers and can build.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) version: String,
    /// The processor of the machine that it runs on, which may be another than this one.
    pub(crate) architecture: Option<Architecture>,
}

/// A program that is here, and why it does not do.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) program: PathBuf,
    pub(crate) why: String,
}

/// Why no engine is ready.
#[derive(Debug)]
pub(crate) struct NoEngine {
    tried: Vec<&'static str>,
    pub(crate) unusable: Vec<Unusable>,
}

impl NoEngine {
    /// On one line.
    pub(crate) fn why(&self) -> String {
        if self.unusable.is_empty() {
            return match self.tried.as_slice() {
                [only] => format!("`{only}` is not on `PATH`"),
                all => format!("none of {} is on `PATH`", quoted(all, "and")),
            };
        }
        let each =
            |unusable: &Unusable| format!("`{}` {}", unusable.program.display(), unusable.why);
        self.unusable.iter().map(each).collect::<Vec<_>>().join("; ")
    }

    /// What to do about it.
    pub(crate) fn mend(&self) -> &'static str {
        if self.unusable.is_empty() {
            "install Docker, Podman or Finch"
        } else if self.unusable.iter().any(|unusable| unusable.why.contains("buildx")) {
            "install Docker's buildx, the package `docker-buildx-plugin` or `docker-buildx`"
        } else {
            "start it: Docker Desktop, `sudo systemctl start docker`, `podman machine start` or \
             `finch vm start`"
        }
    }
}

/// Finds the first engine that is ready.
pub(crate) async fn find(choice: &Choice) -> Result<Engine, NoEngine> {
    let tried = match choice {
        Choice::Any => NAMES.to_vec(),
        Choice::Named(name) => vec![*name],
    };
    let mut unusable = Vec::new();
    for name in &tried {
        for program in programs::find_all(name) {
            match ready(name, program.clone()).await {
                Ok(engine) => return Ok(engine),
                Err(why) => unusable.push(Unusable { program, why }),
            }
        }
    }
    Err(NoEngine { tried, unusable })
}

/// The first version of Docker's own program that builds with a plugin only.
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
            buildx.map_err(|_| "has no buildx, with which it builds images".to_owned())?;
        }
    }
    Ok(Engine { name, program, version, architecture })
}

impl Engine {
    /// The arguments that its `build` has beside those that all have.
    pub(crate) fn own_arguments(&self) -> &'static [&'static str] {
        // So that the log is lines. Podman's always is.
        if self.name == "podman" { &[] } else { &["--progress=plain"] }
    }

    /// Its environment: Docker's older programs build as all others do only if they are told to.
    pub(crate) fn environment(&self) -> Vec<(String, OsString)> {
        match self.name {
            "docker" => vec![("DOCKER_BUILDKIT".to_owned(), "1".into())],
            _ => Vec::new(),
        }
    }

    /// Copies a file out of an image that is here, the one for this processor where it is known;
    /// `false` where the image has none of that path.
    pub(crate) async fn copy_out(
        &self,
        image: &str,
        architecture: Option<Architecture>,
        from: &str,
        to: &Path,
    ) -> Result<bool, String> {
        // A container of it is made, and never started: of an image alone nothing can be copied.
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

    /// Why it cannot run programs for this processor, as far as can be told.
    pub(crate) fn cannot_run(&self, architecture: Architecture) -> Option<String> {
        let own = self.architecture?;
        if own == architecture || !cfg!(target_os = "linux") {
            // Docker Desktop and its like bring emulation along.
            return None;
        }
        let handler = format!("/proc/sys/fs/binfmt_misc/qemu-{}", architecture.machine());
        (!Path::new(&handler).exists()).then(|| {
            format!("{} runs on {own}, and nothing here emulates {architecture}", self.name)
        })
    }
}

/// How to get an emulator of this processor.
pub(crate) fn add_emulator(architecture: Architecture) -> String {
    format!(
        "`docker run --privileged --rm tonistiigi/binfmt --install {}` adds an emulator; or let zig \
         link: `--zig`",
        architecture.image()
    )
}

fn quoted(names: &[&str], last: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
        None => String::new(),
    }
}
