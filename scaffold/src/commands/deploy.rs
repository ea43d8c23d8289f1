//! `scaffold deploy`: builds with AWS SAM, inspects what was built, and deploys it. With `--direct`, deploys one
//! function without SAM.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::artifact;
use crate::artifact::{Artifact, Expected, FindingCode, report};
use crate::aws::aws_cli::AwsCli;
use crate::aws::sam_cli::{BUILD_FOLDER, SamCli};
use crate::aws::{BOOTSTRAP, IMAGE_BOOTSTRAP, credentials};
use crate::build::container::{Engine, EngineChoice};
use crate::build::{container, dockerfile};
use crate::cli::{DeployArgs, DirectArgs};
use crate::direct::deploy::{Completed, DirectDeployment};
use crate::files;
use crate::infrastructure::Infrastructure;
use crate::process::{interrupt, this_program};
use crate::remote::outputs;
use crate::sam::{Application, ConfigChoice, SamConfig, TemplateFunction};
use crate::sync;
use crate::term::error::{Error, ErrorContext, Result};
use crate::term::{message, output, quote, terminal};

struct SamDeployment {
    sam: SamCli,
    template: PathBuf,
    /// The folder of `sam build`.
    built: PathBuf,
    application: Application,
    allow: Vec<FindingCode>,
    /// The arguments of `sam` that deploy.
    arguments: Vec<OsString>,
    flags: SamFlags,
}

/// The arguments of `sam deploy` that tell which stack it deploys, and where.
#[derive(Debug, Default)]
struct SamFlags {
    stack: Option<String>,
    config: ConfigChoice,
    region: Option<String>,
    profile: Option<String>,
    /// All of them, as they are typed.
    text: String,
}

pub(crate) fn run(arguments: DeployArgs) -> Result<ExitCode> {
    if arguments.direct {
        return run_directly(arguments.more);
    }
    if arguments.more.method.is_given() {
        return Err(Error::new("`--container`, `--native` and `--zig` need `--direct`")
            .hint("SAM builds as the template says; leave them out")
            .usage());
    }
    let deployment = resolve(arguments)?;
    interrupt::block_on(deployment.run())?;
    Ok(ExitCode::SUCCESS)
}

/// Deploys one function without SAM.
fn run_directly(arguments: DirectArgs) -> Result<ExitCode> {
    let (json, dry_run) = (arguments.json, arguments.dry_run);
    let deployment = DirectDeployment::resolve(arguments)?;
    let completed = Completed::default();
    let outcome =
        interrupt::block_on(deployment.run(&completed)).inspect_err(|_| completed.print())?;
    if json {
        return output::print_json(&outcome);
    }
    for url in &outcome.urls {
        output::print(&format!("{url}\n"))?;
    }
    if !dry_run {
        let (program, name) = (this_program::command(), quote::quote(&outcome.function));
        let commands = ["invoke --remote", "logs", "delete"];
        message::print_next(&commands.map(|command| format!("{program} {command} {name}")));
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks every prerequisite before anything runs.
fn resolve(arguments: DeployArgs) -> Result<SamDeployment> {
    let DeployArgs { guided, more: DirectArgs { allow, more, .. }, .. } = arguments;
    let here = files::current_folder()?;
    let flags = SamFlags::parse(&more);
    let (template, application) =
        Application::nearest_with(&here, &flags.config)?.ok_or_else(|| no_template(&here))?;
    let folder = template.parent().unwrap_or(Path::new(""));
    let sam = SamCli::find(folder)?;
    if let Err(none) = credentials::find() {
        // SAM knows more kinds of credentials.
        message::warn_with_hint(&none.to_string(), none.fix());
    }
    if application.functions.iter().any(|function| function.is_image) {
        dockerfile::check_sources(folder)?;
    }
    let mut arguments: Vec<OsString> = vec!["deploy".into()];
    let is_configured = || SamConfig::beside(&template, &flags.config).is_complete();
    if guided || terminal::is_interactive() && more.is_empty() && !is_configured() {
        arguments.push("--guided".into());
    }
    arguments.extend(more);
    let built = folder.join(BUILD_FOLDER);
    Ok(SamDeployment { sam, template, built, application, allow, arguments, flags })
}

fn no_template(here: &Path) -> Error {
    if let Some(infrastructure) = Infrastructure::near(here) {
        let program = this_program::command();
        let message =
            format!("{} deploys this project, and not `scaffold deploy`", infrastructure.tool());
        let (folder, deploy) = (infrastructure.folder(), infrastructure.deploy());
        return Error::new(message)
            .hint(format!("run `{program} package`, and then `{deploy}` in `{folder}`"));
    }
    Error::new(format!("no `template.yaml` in `{}` or a folder above it", here.display()))
        .hint("run the command in a project, or run `scaffold package` and upload the zip")
}

impl SamFlags {
    fn parse(arguments: &[OsString]) -> Self {
        let mut flags = Self::default();
        let mut words = arguments.iter().map(|word| word.to_string_lossy());
        while let Some(word) = words.next() {
            let (flag, value) =
                word.split_once('=').map_or((&*word, None), |(flag, it)| (flag, Some(it)));
            let field = match flag {
                "--stack-name" => &mut flags.stack,
                "--config-env" => &mut flags.config.environment,
                "--config-file" => &mut flags.config.file,
                "--region" => &mut flags.region,
                "--profile" => &mut flags.profile,
                _ => continue,
            };
            let value = value.map(str::to_owned).or_else(|| Some(words.next()?.into_owned()));
            let value = value.unwrap_or_default();
            flags.text.extend([" ", flag, " ", &quote::quote(&value)]);
            *field = Some(value);
        }
        flags
    }

    /// Returns the flags with which `scaffold` finds this stack, region and profile.
    fn of_scaffold(&self, [stack, region, profile]: [&Option<String>; 3]) -> String {
        // A configuration file with another name is known only to SAM.
        let is_known = self.config.file.is_none();
        let choose = |flag: &Option<String>, value: &Option<String>| {
            flag.clone().or_else(|| value.clone().filter(|_| !is_known))
        };
        let flags = [
            ("--stack", choose(&self.stack, stack)),
            ("--config-env", self.config.environment.clone().filter(|_| is_known)),
            ("--region", choose(&self.region, region)),
            ("--profile", choose(&self.profile, profile)),
        ];
        let flag = |(flag, value): (&str, Option<String>)| {
            Some(format!(" {flag} {}", quote::quote(&value?)))
        };
        flags.into_iter().filter_map(flag).collect()
    }
}

impl SamDeployment {
    async fn run(self) -> Result<()> {
        let engine = self.engine().await?;
        self.sam.run(&["build".into()]).await?;
        if !self.inspect(engine.as_ref()).await? {
            return Err(Error::new("nothing was deployed, because the build has problems")
                .hint("pass `--allow CODE` to deploy anyway; see `scaffold deploy --help`"));
        }
        self.sam.run(&self.arguments).await?;
        message::print_next(&self.next_commands().await);
        Ok(())
    }

    /// Prints the outputs of the stack, and returns the commands to run next.
    async fn next_commands(&self) -> Vec<String> {
        let folder = quote::relative(self.template.parent().unwrap_or(Path::new("")));
        let mut commands = Vec::new();
        if !matches!(&*folder, "" | ".") {
            commands.push(format!("cd {}", quote::quote(&folder)));
        }
        let flags = &self.flags.text;
        // SAM has saved its answers if it has asked.
        let config = SamConfig::beside(&self.template, &self.flags.config);
        let choose = |flag: &Option<String>, name: &str| {
            flag.clone().or_else(|| config.text("deploy", name))
        };
        let [stack, region, profile] = [
            choose(&self.flags.stack, "stack_name"),
            choose(&self.flags.region, "region"),
            choose(&self.flags.profile, "profile"),
        ];
        let aws = AwsCli::find().ok().map(|aws| aws.with(region.clone(), profile.clone()));
        if let (Some(aws), Some(stack)) = (aws, stack) {
            commands.extend(outputs::print(&aws, &stack).await);
            let flags = self.flags.of_scaffold([&Some(stack), &region, &profile]);
            let program = this_program::command();
            let function = self.application.functions.first().map(|it| quote::quote(&it.name));
            let function = function.unwrap_or_default();
            commands.push(format!("{program} invoke --remote {function}{flags}"));
            commands.push(format!("{program} logs {function} --follow{flags}"));
        } else {
            commands.push(format!("sam list stack-outputs{flags}"));
            commands.push(format!("sam logs --tail{flags}"));
        }
        commands.push(format!("sam delete{flags}"));
        commands
    }

    /// Finds the container engine if there are images to build.
    async fn engine(&self) -> Result<Option<Engine>> {
        if !self.application.functions.iter().any(|function| function.is_image) {
            return Ok(None);
        }
        let engine = container::find(&EngineChoice::Any).await;
        engine.map(Some).map_err(|none| {
            let fix = none.fix();
            none.into_error().hint(fix)
        })
    }

    /// Inspects each function that `sam build` has built, and returns whether all can be deployed.
    async fn inspect(&self, engine: Option<&Engine>) -> Result<bool> {
        let mut executables = Vec::new();
        let mut artifacts = Vec::new();
        for function in &self.application.functions {
            // SAM can know the processor even if the template alone does not tell.
            let architecture = function.architecture.as_ref();
            let expected = architecture
                .map_or_else(|_| Expected::any(), |it| Expected::new(*it, "`template.yaml`"))
                .with_functions([function]);
            let folder = self.built.join(&function.name);
            let mut artifact = if let Some(engine) = engine.filter(|_| function.is_image) {
                self.inspect_image(engine, function, &expected).await?
            } else if folder.is_dir() {
                executables.push((function, folder.join(BOOTSTRAP)));
                artifact::inspect(&folder, &expected)?
            } else {
                continue;
            };
            artifact.path = quote::relative(&artifact.path).into();
            artifact.allow(&self.allow);
            artifacts.push(artifact);
        }
        report::print_each(&artifacts);
        sync::warn(&self.application, &executables);
        Ok(artifacts.iter().all(|artifact| artifact.findings.is_empty()))
    }

    /// Inspects the image that `sam build` has built of a function.
    async fn inspect_image(
        &self,
        engine: &Engine,
        function: &TemplateFunction,
        expected: &Expected,
    ) -> Result<Artifact> {
        let built = Application::read(&self.built.join("template.yaml"))?;
        let image = built.functions.iter().find(|built| built.name == function.name);
        let image = image.and_then(|built| built.image_uri.as_deref()).ok_or_else(|| {
            Error::new(format!("`sam build` has built no image of `{}`", function.name))
        })?;
        let cannot_inspect = || format!("cannot inspect the image `{image}`");
        let staging = tempfile::tempdir().context(cannot_inspect)?;
        let file = staging.path().join(BOOTSTRAP);
        let architecture = function.architecture.as_ref().ok().copied();
        let has_it = engine
            .copy_out(image, architecture, IMAGE_BOOTSTRAP, &file)
            .await
            .map_err(|why| format!("{} {why}", engine.name))
            .context(cannot_inspect)?;
        artifact::inspect_image(image, has_it.then_some(&*file), expected)
    }
}
