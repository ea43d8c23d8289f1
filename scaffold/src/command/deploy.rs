//! `scaffold deploy`: builds, inspects, and has AWS SAM deploy.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use tokio::process::Command;
use toml_edit::DocumentMut;

use crate::application::{Application, Function};
use crate::artifact::{self, Artifact, Expected};
use crate::cargo::BOOTSTRAP;
use crate::cli::DeployArgs;
use crate::command::{build, inspect};
use crate::engine::{self, Choice, Engine};
use crate::error::{Error, Result};
use crate::{credentials, interrupt, programs, prompt, shell};

const COMMAND: Style = AnsiColor::Cyan.on_default();
const DOING: Style = AnsiColor::Green.on_default().bold();

/// How to get SAM.
pub(crate) const INSTALL_SAM: &str = "`pip install aws-sam-cli`, or \
     https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html";

struct Deploy {
    sam: PathBuf,
    /// The folder of the template.
    folder: PathBuf,
    application: Application,
    allow: Vec<artifact::Code>,
    build: Vec<OsString>,
    deploy: Vec<OsString>,
}

pub(crate) fn run(arguments: DeployArgs) -> Result<ExitCode> {
    let deploy = resolve(arguments)?;
    interrupt::block_on(deploy.run())
}

/// Says everything that is missing before anything is started.
fn resolve(arguments: DeployArgs) -> Result<Deploy> {
    let DeployArgs { guided, allow, more } = arguments;
    let here = std::env::current_dir()
        .map_err(|error| Error::new("cannot read the current folder").because(error))?;
    let (template, application) = Application::nearest(&here)?.ok_or_else(|| {
        Error::new(format!("no `template.yaml` in `{}` or a folder above it", here.display()))
            .hint("change to a project's folder; or `scaffold package` and upload the zip")
    })?;
    let sam = programs::find("sam").ok_or_else(|| {
        Error::new("AWS SAM's `sam` is not on `PATH`").hint(format!(
            "{INSTALL_SAM}; or without it: `scaffold package` and `aws lambda \
             update-function-code --function-name NAME --zip-file fileb://FILE`"
        ))
    })?;
    if credentials::find().is_none() {
        return Err(Error::new("no AWS credentials are here").hint(credentials::MEND));
    }
    let folder = template.parent().unwrap_or(Path::new("")).to_owned();
    if application.functions.iter().any(|function| function.is_image) {
        build::check_context(&folder)?;
    }
    let mut deploy: Vec<OsString> = vec!["deploy".into()];
    // The answers are kept in `samconfig.toml`, the region among them.
    if guided || prompt::somebody() && more.is_empty() && !is_configured(&folder) {
        deploy.push("--guided".into());
    }
    deploy.extend(more);
    Ok(Deploy { sam, folder, application, allow, build: vec!["build".into()], deploy })
}

/// Whether somebody has said where to deploy.
fn is_configured(folder: &Path) -> bool {
    let Ok(text) = fs::read_to_string(folder.join("samconfig.toml")) else { return false };
    let Ok(config) = text.parse::<DocumentMut>() else { return false };
    let region = |command: &str| {
        config.get("default")?.get(command)?.get("parameters")?.get("region").map(drop)
    };
    region("deploy").or(region("global")).is_some()
}

impl Deploy {
    async fn run(self) -> Result<ExitCode> {
        let engine = self.engine().await?;
        self.sam(&self.build).await?;
        if !self.inspect(engine.as_ref()).await? {
            return Err(Error::new("nothing is deployed: what was built would not run")
                .hint("`--allow CODE` deploys in spite of a problem; `--help` has the codes"));
        }
        self.sam(&self.deploy).await?;
        Ok(ExitCode::SUCCESS)
    }

    /// The container engine, if there are images to build.
    async fn engine(&self) -> Result<Option<Engine>> {
        if !self.application.functions.iter().any(|function| function.is_image) {
            return Ok(None);
        }
        let engine = engine::find(&Choice::Any).await;
        engine.map(Some).map_err(|none| build::no_engine(&none).hint(none.mend()))
    }

    /// Inspects what `sam build` has left of each function.
    async fn inspect(&self, engine: Option<&Engine>) -> Result<bool> {
        let left = self.folder.join(".aws-sam/build");
        let mut is_good = true;
        for function in &self.application.functions {
            // SAM may know it where the template alone does not tell.
            let architecture = function.architecture.as_ref();
            let expected = architecture
                .map_or_else(|_| Expected::any(), |it| Expected::new(*it, "`template.yaml`"));
            let folder = left.join(&function.name);
            let mut artifact = if let Some(engine) = engine.filter(|_| function.is_image) {
                inspect_image(engine, &left, function, &expected).await?
            } else if folder.is_dir() {
                artifact::inspect(&folder, &expected)?
            } else {
                continue;
            };
            artifact.path = shell::relative(&artifact.path).into();
            artifact.problems.retain(|problem| !self.allow.contains(&problem.code));
            anstream::eprint!("{}", inspect::describe(&artifact));
            inspect::report(&artifact);
            is_good &= artifact.problems.is_empty();
        }
        Ok(is_good)
    }

    /// Runs SAM, which talks to the user itself, and fails where it fails.
    async fn sam(&self, arguments: &[OsString]) -> Result<()> {
        let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
        let words: Vec<_> = words.iter().map(|word| shell::quote(word)).collect();
        let line = format!("sam {}", words.join(" "));
        anstream::eprintln!("{DOING}running{DOING:#} {COMMAND}{line}{COMMAND:#}");
        let mut command = Command::new(&self.sam);
        command.args(arguments).current_dir(&self.folder).kill_on_drop(true);
        let status = command
            .status()
            .await
            .map_err(|error| Error::new(format!("cannot run `{line}`")).because(error))?;
        if status.success() {
            return Ok(());
        }
        interrupt::check_child(status)?;
        Err(Error::new(format!("`{line}` failed: {status}")))
    }
}

/// Inspects the image that `sam build` has made of a function.
async fn inspect_image(
    engine: &Engine,
    left: &Path,
    function: &Function,
    expected: &Expected,
) -> Result<Artifact> {
    let built = Application::read(&left.join("template.yaml"))?;
    let image = built.functions.iter().find(|built| built.name == function.name);
    let image = image.and_then(|built| built.image_uri.as_deref()).ok_or_else(|| {
        Error::new(format!("`sam build` has left no image of `{}`", function.name))
    })?;
    let fail = |why: String| Error::new(format!("cannot inspect the image `{image}`")).because(why);
    let staging = tempfile::tempdir().map_err(|error| fail(error.to_string()))?;
    let file = staging.path().join(BOOTSTRAP);
    let has_it = engine
        .copy_out(image, function.architecture.as_ref().ok().copied(), artifact::IN_IMAGE, &file)
        .await
        .map_err(|why| fail(format!("{} {why}", engine.name)))?;
    artifact::inspect_image(image, has_it.then_some(&*file), expected)
}
