//! `scaffold doctor`: checks for the tools that building and deploying need.

use std::path::Path;
use std::process::ExitCode;

use anstyle::Style;
use lambda_native_templates::RUST_VERSION;
use serde::Serialize;

use crate::artifact::Linking;
use crate::aws::{Architecture, BOOTSTRAP, GLIBC, aws_cli, credentials, sam_cli};
use crate::build::cargo::{Binary, Selection};
use crate::build::container::EngineChoice;
use crate::build::native::NativeTools;
use crate::build::{aws_lc, container, toolchain};
use crate::cli::DoctorArgs;
use crate::files;
use crate::infrastructure::Infrastructure;
use crate::process::{interrupt, programs};
use crate::sam::Application;
use crate::term::error::{Error, Result};
use crate::term::style::{ERROR, HINT, STATUS, TITLE, WARNING};
use crate::term::{escape, output, quote};

#[derive(Debug, Serialize)]
struct Diagnosis {
    /// True if functions can be built for the project's processor.
    ready: bool,
    /// True if everything else that `scaffold deploy` needs was found.
    ready_to_deploy: bool,
    architecture: Architecture,
    checks: Vec<Check>,
}

/// A tool or a setting, and whether it was found.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    need: Need,
    purpose: &'static str,
    status: Status,
    /// The version or the place, or why it cannot be used.
    found: String,
    /// The fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Need {
    /// One way to build is enough: a container, or Rust with its own linker or with zig.
    Build,
    Deploy,
    Optional,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// Not found, and not needed.
    Optional,
    /// Not found, but needed.
    Missing,
}

impl Check {
    fn new(name: &'static str, need: Need, purpose: &'static str, result: Result<String>) -> Self {
        match result {
            Ok(found) => Self { name, need, purpose, status: Status::Ok, found, hint: None },
            Err(error) => {
                let status =
                    if need == Need::Optional { Status::Optional } else { Status::Missing };
                let hint = Some(error.fix().to_owned());
                Self { name, need, purpose, status, found: error.to_string(), hint }
            }
        }
    }

    fn is_ok(&self) -> bool {
        self.status == Status::Ok
    }
}

pub(crate) fn run(arguments: DoctorArgs) -> Result<ExitCode> {
    let DoctorArgs { json } = arguments;
    let diagnosis = interrupt::block_on(examine())?;
    if json {
        output::print_json(&diagnosis)?;
    } else {
        output::print(&diagnosis.describe())?;
    }
    Ok(if diagnosis.ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine() -> Result<Diagnosis> {
    use Need::{Build, Deploy, Optional};

    let here = files::current_folder()?;
    let bin = BOOTSTRAP.to_owned();
    let binary = Selection { manifest_path: None, package: None, bin }.find().ok();
    let (wanted, project, infrastructure) = match other_project(&here, binary.as_ref()) {
        Some((infrastructure, architecture, project)) => {
            (architecture, project, Some(infrastructure))
        }
        None => {
            let (architecture, project) = project(&here);
            (architecture, project, None)
        }
    };
    let architecture = wanted.or_else(Architecture::host).unwrap_or(Architecture::X86_64);
    let linking = binary.as_ref().map_or(Linking::Static, Binary::linking);
    let native = native(architecture, linking, &here, binary.as_ref()).await;
    let mut build = [
        Check::new("rust", Build, "compiles functions and their tests", rust().await),
        Check::new("native", Build, "builds with cargo alone", native),
        Check::new("zig", Build, "builds without a container", zig(architecture, linking).await),
        Check::new(
            "container",
            Build,
            "builds on Amazon Linux 2023",
            container(architecture).await,
        ),
    ];
    let [rust, native, zig, container] = build.each_ref().map(Check::is_ok);
    let ready = container || rust && (native || zig);
    if ready {
        let others = build.iter_mut().filter(|check| !check.is_ok());
        others.for_each(|check| check.status = Status::Optional);
    }
    let (deployer, install) =
        infrastructure.as_ref().map_or(("sam", sam_cli::INSTALL), Infrastructure::program);
    let deployer_version = tool(deployer, &["--version"], install).await;
    let deploy = [
        Check::new("project", Deploy, "describes the functions", project),
        Check::new(deployer, Deploy, "deploys the project", deployer_version),
        Check::new("credentials", Deploy, "give access to AWS", credentials::find()),
    ];
    let ready_to_deploy = deploy.iter().all(Check::is_ok);
    let aws = tool("aws", &["--version"], aws_cli::INSTALL).await;
    let install = "run `pip install cargo-lambda`";
    let cargo_lambda = tool("cargo-lambda", &["lambda", "--version"], install).await;
    let optional = [
        Check::new("aws", Optional, "calls AWS", aws),
        Check::new("cargo-lambda", Optional, "another tool to build and deploy", cargo_lambda),
    ];
    let aws_lc = binary.as_ref().and_then(aws_lc::check);
    let aws_lc = aws_lc.map(|found| Check::new("aws-lc", Optional, "encrypts connections", found));
    let checks = build.into_iter().chain(deploy).chain(optional).chain(aws_lc).collect();
    Ok(Diagnosis { ready, ready_to_deploy, architecture, checks })
}

/// Reads the template; returns its first processor, and a description of it.
fn project(here: &Path) -> (Option<Architecture>, Result<String>) {
    let read = || {
        let (path, application) = Application::nearest(here)?.ok_or_else(|| {
            Error::new("no `template.yaml` in this folder or above it")
                .hint("`scaffold new` creates a project")
        })?;
        Ok((path, application.architectures()?, application.check()))
    };
    match read() {
        Ok((path, architectures, checked)) => {
            let names: Vec<_> = architectures.iter().map(|it| it.name()).collect();
            let found = format!("`{}`, for {}", path.display(), quote::list(&names, "and"));
            (architectures.first().copied(), checked.map(|()| found))
        }
        Err(error) => (None, Err(error)),
    }
}

/// Describes a project without a template that another tool deploys, and returns its processor.
fn other_project(
    here: &Path,
    binary: Option<&Binary>,
) -> Option<(Infrastructure, Option<Architecture>, Result<String>)> {
    if !matches!(Application::nearest(here), Ok(None)) {
        return None;
    }
    let infrastructure = Infrastructure::near(here)?;
    let (tool, folder) = (infrastructure.tool(), infrastructure.folder());
    let architecture = binary.map_or(Ok(None), |binary| binary.settings().architecture());
    Some(match architecture {
        Ok(architecture) => {
            let processor = architecture.map_or(String::new(), |it| format!(", for {it}"));
            (infrastructure, architecture, Ok(format!("{tool} in `{folder}`{processor}")))
        }
        Err(error) => (infrastructure, None, Err(error)),
    })
}

/// Returns the version of Rust, if it compiles projects.
async fn rust() -> Result<String> {
    let version = toolchain::version().await?;
    if numbers(&version) >= numbers(RUST_VERSION) {
        return Ok(version);
    }
    Err(Error::new(format!("{version}, but projects need {RUST_VERSION}"))
        .hint("run `rustup update`"))
}

/// Parses the major and the minor version.
fn numbers(version: &str) -> [u32; 2] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    [parts.next().unwrap_or(0), parts.next().unwrap_or(0)]
}

/// Returns the container engine that can build for the processor.
async fn container(architecture: Architecture) -> Result<String> {
    let engine = container::find(&EngineChoice::Any)
        .await
        .map_err(|none| Error::new(none.why()).hint(none.fix()))?;
    match engine.cannot_run(architecture) {
        None => Ok(format!("{} {}", engine.name, engine.version)),
        Some(reason) => Err(Error::new(reason).hint(container::add_emulator(architecture))),
    }
}

/// Checks that cargo alone can build for the processor, and returns what it builds with; for a dynamic
/// executable also this machine's glibc.
async fn native(
    architecture: Architecture,
    linking: Linking,
    here: &Path,
    binary: Option<&Binary>,
) -> Result<String> {
    let tools = NativeTools::find(architecture, linking, here, binary).await?;
    toolchain::check_standard_library(tools.target()).await?;
    let found = tools.describe();
    if linking == Linking::Static {
        return Ok(found);
    }
    let [major, minor] = GLIBC;
    let glibc = programs::ask(Path::new("getconf"), ["GNU_LIBC_VERSION"]).await;
    Ok(match glibc {
        Ok(glibc) => format!("{found}, {glibc} (Lambda has {major}.{minor})"),
        Err(_) => found,
    })
}

async fn zig(architecture: Architecture, linking: Linking) -> Result<String> {
    let target = toolchain::target(architecture, linking);
    toolchain::zig().await?;
    toolchain::check_standard_library(&target).await?;
    Ok(format!("cargo-zigbuild, for {target}"))
}

/// Returns the version of a program: the first line that it prints.
async fn tool(name: &str, arguments: &[&str], install: &str) -> Result<String> {
    let program = programs::find(name).ok_or_else(|| Error::new("not on `PATH`").hint(install))?;
    let answer = programs::ask(&program, arguments)
        .await
        .map_err(|why| Error::new(format!("`{}` {why}", program.display())).hint(install))?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

impl Diagnosis {
    /// Describes it for a person: a line for each check, and its fix if it failed.
    fn describe(&self) -> String {
        let mut lines = Vec::new();
        for (need, title) in [
            (Need::Build, "To build: rust with native or zig, or a container"),
            (Need::Deploy, "To deploy"),
            (Need::Optional, "Optional"),
        ] {
            lines.push(format!("{TITLE}{title}{TITLE:#}"));
            for check in self.checks.iter().filter(|check| check.need == need) {
                let Check { name, purpose, found, hint, .. } = check;
                let (style, status) = check.status.show();
                let found = escape::line(found);
                lines.push(format!("  {style}{status:<9}{style:#}{name:<13}{found}"));
                if let Some(hint) = hint {
                    lines.push(format!("           {purpose}"));
                    lines.push(format!("           {HINT}hint:{HINT:#} {hint}"));
                }
            }
            lines.push(String::new());
        }
        let architecture = self.architecture;
        for (is_ready, action) in [
            (self.ready, format!("build for {architecture}")),
            (self.ready_to_deploy, "deploy".to_owned()),
        ] {
            lines.push(if is_ready {
                format!("{STATUS}ready{STATUS:#} to {action}")
            } else {
                format!("{ERROR}not ready{ERROR:#} to {action}: see the hints")
            });
        }
        lines.join("\n") + "\n"
    }
}

impl Status {
    fn show(self) -> (Style, &'static str) {
        match self {
            Self::Ok => (STATUS, "ok"),
            Self::Optional => (WARNING, "optional"),
            Self::Missing => (ERROR, "missing"),
        }
    }
}
