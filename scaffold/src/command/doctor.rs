//! `scaffold doctor`: what is on this machine, what is missing, and how to get it.

use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::application::Application;
use crate::cli::DoctorArgs;
use crate::command::{deploy, inspect};
use crate::engine::{self, Choice, Engine};
use crate::error::{Error, Result};
use crate::lambda::{Architecture, GLIBC};
use crate::{credentials, interrupt, programs, toolchain};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const GAP: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

#[derive(Debug, Serialize)]
struct Report {
    /// Whether functions can be built here, for the processor that the project asks for.
    ready: bool,
    architecture: Architecture,
    checks: Vec<Check>,
}

/// One thing that was looked for.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    /// What it is good for.
    purpose: &'static str,
    status: Status,
    /// What was found, or why it does not do.
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// It can be done without.
    Gap,
    /// Nothing can be built without.
    Missing,
}

impl Check {
    fn ok(name: &'static str, purpose: &'static str, found: impl Into<String>) -> Self {
        Self { name, purpose, status: Status::Ok, found: found.into(), hint: None }
    }

    fn gap(
        name: &'static str,
        purpose: &'static str,
        found: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (found, hint) = (found.into(), Some(hint.into()));
        Self { name, purpose, status: Status::Gap, found, hint }
    }

    fn from_result(
        name: &'static str,
        purpose: &'static str,
        found: impl Into<String>,
        result: Result<()>,
    ) -> Self {
        match result {
            Ok(()) => Self::ok(name, purpose, found),
            Err(error) => Self::gap(name, purpose, error.to_string(), error.mend()),
        }
    }
}

pub(crate) fn run(arguments: DoctorArgs) -> Result<ExitCode> {
    let DoctorArgs { json } = arguments;
    let report = interrupt::block_on(examine())?;
    let text = if json {
        serde_json::to_string_pretty(&report)
            .map_err(|error| Error::new("cannot write the result as JSON").because(error))?
            + "\n"
    } else {
        report.describe()
    };
    inspect::print(&text)?;
    Ok(if report.ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine() -> Result<Report> {
    let here = std::env::current_dir()
        .map_err(|error| Error::new("cannot read the current folder").because(error))?;
    let (wanted, project) = project(&here);
    let architecture = wanted.or_else(Architecture::host).unwrap_or(Architecture::X86_64);

    let mut rust = rust().await;
    let engine = engine::find(&Choice::Any).await;
    let native = native(architecture, &here).await;
    let zig = zig(architecture).await;
    let container =
        container(engine.as_ref().map_err(|none| (none.why(), none.mend())), architecture);
    let can_compile = rust.status == Status::Ok;
    let ways = [&native, &zig];
    let ready = container.status == Status::Ok
        || can_compile && ways.iter().any(|check| check.status == Status::Ok);
    if !ready && !can_compile {
        rust.status = Status::Missing;
    }
    let checks = vec![
        rust,
        container,
        native,
        zig,
        tool("sam", "deploys, and runs functions in Lambda's container", deploy::INSTALL_SAM).await,
        tool("aws", "talks to AWS", "`pip install awscli`").await,
        tool("cargo-lambda", "another builder and emulator", "`pip install cargo-lambda`").await,
        match credentials::find() {
            Some(place) => Check::ok("credentials", "let you deploy", place),
            None => Check::gap("credentials", "let you deploy", "none", credentials::MEND),
        },
        project,
    ];
    Ok(Report { ready, architecture, checks })
}

/// The processor that the template is for, the first where there are several, and what is wrong with
/// the template.
fn project(here: &Path) -> (Option<Architecture>, Check) {
    const NAME: &str = "project";
    const PURPOSE: &str = "is built and deployed from here";
    let gap = |error: Error| Check::gap(NAME, PURPOSE, error.to_string(), error.mend());
    let (path, application) = match Application::nearest(here) {
        Ok(Some(found)) => found,
        Ok(None) => {
            let found = "no `template.yaml` in this folder or above it";
            return (None, Check::gap(NAME, PURPOSE, found, "`scaffold new` makes one"));
        }
        Err(error) => return (None, gap(error)),
    };
    let architectures = match application.architectures() {
        Ok(architectures) => architectures,
        Err(error) => return (None, gap(error)),
    };
    let names: Vec<_> = architectures.iter().map(|it| it.name()).collect();
    let found = format!("`{}`, for {}", path.display(), names.join(" and "));
    let check = Check::from_result(NAME, PURPOSE, found, application.check());
    (architectures.first().copied(), check)
}

async fn rust() -> Check {
    const OLDEST: [u32; 2] = [1, 88];
    const PURPOSE: &str = "compiles functions and their tests";
    const INSTALL: &str = "install it: https://rustup.rs";
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = match programs::ask(Path::new(&rustc), ["--version"]).await {
        Ok(answer) => answer,
        Err(why) => return Check::gap("rust", PURPOSE, format!("`rustc` {why}"), INSTALL),
    };
    let version = answer.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found = [parts.next().unwrap_or(0), parts.next().unwrap_or(0)];
    if found >= OLDEST {
        Check::ok("rust", PURPOSE, version)
    } else {
        let [major, minor] = OLDEST;
        let found = format!("{version}, and projects need {major}.{minor}");
        Check::gap("rust", PURPOSE, found, "`rustup update`")
    }
}

fn container(
    engine: std::result::Result<&Engine, (String, &'static str)>,
    architecture: Architecture,
) -> Check {
    const PURPOSE: &str = "builds on Amazon Linux 2023";
    match engine {
        Err((why, mend)) => Check::gap("container", PURPOSE, why, mend),
        Ok(engine) => match engine.cannot_run(architecture) {
            None => Check::ok("container", PURPOSE, format!("{} {}", engine.name, engine.version)),
            Some(why) => Check::gap("container", PURPOSE, why, engine::add_emulator(architecture)),
        },
    }
}

/// Whether cargo alone can build for the processor, and whether Lambda has this machine's glibc.
async fn native(architecture: Architecture, here: &Path) -> Check {
    const PURPOSE: &str = "builds with cargo alone";
    let target = architecture.target();
    let result = async {
        if toolchain::host().await? != target {
            toolchain::check_standard_library(target).await?;
            toolchain::linker(architecture, here)?;
        }
        Ok(())
    };
    let [major, minor] = GLIBC;
    let glibc = programs::ask(Path::new("getconf"), ["GNU_LIBC_VERSION"]).await.ok();
    let found = match glibc {
        Some(glibc) => format!("{target}, {glibc} (Lambda has {major}.{minor})"),
        None => target.to_owned(),
    };
    Check::from_result("native", PURPOSE, found, result.await)
}

async fn zig(architecture: Architecture) -> Check {
    let target = architecture.target();
    let result = async {
        toolchain::zig().await?;
        toolchain::check_standard_library(target).await
    };
    let found = format!("cargo-zigbuild, for {target}");
    Check::from_result("zig", "builds for Lambda's glibc without a container", found, result.await)
}

/// A program that says its version on the first line of `--version`.
async fn tool(name: &'static str, purpose: &'static str, install: &str) -> Check {
    let Some(program) = programs::find(name) else {
        return Check::gap(name, purpose, "not on `PATH`", install);
    };
    let arguments: &[&str] =
        if name == "cargo-lambda" { &["lambda", "--version"] } else { &["--version"] };
    match programs::ask(&program, arguments).await {
        Ok(answer) => Check::ok(name, purpose, answer.lines().next().unwrap_or_default()),
        Err(why) => Check::gap(name, purpose, format!("`{}` {why}", program.display()), install),
    }
}

impl Report {
    /// For people: a line for each check, and one for each mend.
    fn describe(&self) -> String {
        let mut lines = Vec::new();
        for Check { name, purpose, status, found, hint } in &self.checks {
            let (style, status) = match status {
                Status::Ok => (GOOD, "ok"),
                Status::Gap => (GAP, "gap"),
                Status::Missing => (BAD, "missing"),
            };
            lines.push(format!("{style}{status:<8}{style:#}{name:<13}{found}"));
            if let Some(hint) = hint {
                lines.push(format!("        {purpose}"));
                lines.push(format!("        {HINT}hint:{HINT:#} {hint}"));
            }
        }
        let architecture = self.architecture;
        lines.push(if self.ready {
            format!("\n{GOOD}ready{GOOD:#} to build for {architecture}")
        } else {
            format!("\n{BAD}not ready{BAD:#} to build for {architecture}: see the hints")
        });
        lines.join("\n") + "\n"
    }
}
