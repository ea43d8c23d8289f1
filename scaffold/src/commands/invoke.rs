//! `scaffold invoke`: sends an event to a function and prints the response.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use hyper::body::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::list::only_remote;
use crate::artifact;
use crate::aws::BOOTSTRAP;
use crate::build::cargo::{CompileOptions, Selection};
use crate::cli::{AccountArgs, InvokeArgs, RemoteInvokeArgs, RunArgs};
use crate::files;
use crate::local::application::{LocalApplication, LocalFunction, configuration};
use crate::local::dev::running::RunningServer;
use crate::local::environment::{FunctionEnvironment, GivenEnvironment};
use crate::local::invoke::Invoker;
use crate::local::invoke::event_source::EventSource;
use crate::local::invoke::outcome::{InvocationOutcome, ReportFigures};
use crate::local::invoke::summary::{Sample, Summary};
use crate::local::warnings::Warnings;
use crate::process::interrupt;
use crate::remote::compare::Comparison;
use crate::remote::function::RemoteFunction;
use crate::remote::invoke::RemoteInvoker;
use crate::remote::project::{RemoteChoice, RemoteProject};
use crate::sam::{ConfigChoice, TemplateFunction};
use crate::term::error::{Error, Result};
use crate::term::{escape, message, output};

/// The exit code if the deployed function and the local build respond differently.
const DIFFERENT: u8 = 3;

/// The settings of `scaffold invoke`; the event has been read.
struct InvokeSettings {
    target: Target,
    event: Bytes,
    tenant_id: Option<String>,
    repeat: Option<usize>,
    json: bool,
}

/// The destination of the events.
enum Target {
    /// To the function of this name in a running `scaffold dev`.
    Dev(SocketAddr, String),
    Local(LocalTarget),
    Remote(RemoteInvoker),
    /// To both, to compare their responses.
    Both(RemoteInvoker, LocalTarget),
}

/// A function that is built and run for this command.
struct LocalTarget {
    function: Box<LocalFunction>,
    environment: FunctionEnvironment,
    profile: &'static str,
    no_credentials: bool,
    debug: bool,
}

pub(crate) fn run(arguments: InvokeArgs) -> Result<ExitCode> {
    // Ctrl-C needs no handling before anything has been started.
    if arguments.remote.remote {
        return interrupt::block_on(resolve_remote(arguments)?.invoke());
    }
    let AccountArgs { region, profile } = &arguments.remote.account;
    if let Some(flag) =
        region.as_ref().map(|_| "--region").or(profile.as_ref().map(|_| "--profile"))
    {
        return Err(only_remote(flag));
    }
    interrupt::block_on(resolve(arguments)?.invoke())
}

fn resolve(arguments: InvokeArgs) -> Result<InvokeSettings> {
    // A function that is already running cannot be told how to run.
    let flag = local_flag(&arguments).or(arguments.run.stack.as_ref().map(|_| "--stack"));
    let is_local = flag.is_some() || arguments.run.config_env.is_some();
    let local = find(&arguments, arguments.name.as_deref())?;
    let InvokeArgs { event, data, tenant_id, timeout, repeat, json, run, .. } = arguments;
    check_tenant(&local.function, tenant_id.as_deref())?;
    let event = data
        .map(EventSource::Inline)
        .or(event)
        .unwrap_or_else(|| EventSource::Package(local.binary.folder().to_owned()))
        .read()?;

    let running = RunningServer::find(local.binary.target(), &local.project).filter(|_| !is_local);
    let target = match running {
        Some(address) => Target::Dev(address, local.function.name),
        None => Target::Local(LocalTarget::new(local, timeout, run)?),
    };
    let (event, repeat) = (event.into(), repeat.map(usize::from));
    Ok(InvokeSettings { target, event, tenant_id, repeat, json })
}

/// Fails unless an event for the function names a tenant exactly if the function isolates its tenants.
fn check_tenant(function: &TemplateFunction, tenant_id: Option<&str>) -> Result<()> {
    let name = &function.name;
    match tenant_id {
        None if function.isolates_tenants => {
            Err(Error::new(format!("`{name}` isolates its tenants (`TenancyConfig`)"))
                .hint("name a tenant with `--tenant-id`")
                .usage())
        }
        Some(_) if !function.isolates_tenants => Err(Error::new(format!(
            "`--tenant-id` is for functions that isolate their tenants, and `{name}` does not"
        ))
        .hint("set `TenancyConfig` in the template, or omit the flag")
        .usage()),
        _ => Ok(()),
    }
}

/// Resolves the arguments of `--remote`.
fn resolve_remote(arguments: InvokeArgs) -> Result<InvokeSettings> {
    let is_compared = arguments.remote.compare;
    if let Some(flag) = local_flag(&arguments).filter(|_| !is_compared) {
        return Err(Error::new(format!(
            "`{flag}` is for local builds, and the function is on AWS"
        ))
        .hint("add `--compare` to run the local build too")
        .usage());
    }
    let name = arguments.name.as_deref();
    let local = if is_compared {
        // If the name is one on AWS, the project must have only one function.
        let found = find(&arguments, name);
        Some(found.or_else(|error| find(&arguments, None).map_err(|_| error))?)
    } else {
        None
    };
    let here = files::current_folder()?;
    let manifest = arguments.manifest_path.as_deref();
    let folder = manifest.and_then(Path::parent).map_or_else(|| here.clone(), |it| here.join(it));
    let event = match (&arguments.data, &arguments.event, &local) {
        (Some(data), _, _) => EventSource::Inline(data.clone()),
        (None, Some(event), _) => event.clone(),
        (None, None, Some(local)) => EventSource::Package(local.binary.folder().to_owned()),
        (None, None, None) => {
            // The function can be one of another project.
            let local = find(&arguments, name).map(|local| local.binary.folder().to_owned());
            EventSource::Package(local.unwrap_or_else(|_| folder.clone()))
        }
    };
    let event = event.read()?;
    let InvokeArgs { name, tenant_id, timeout, repeat, json, remote, run, .. } = arguments;
    let RemoteInvokeArgs { qualifier, account: AccountArgs { region, profile }, .. } = remote;
    let (stack, config_env) = (run.stack.clone(), run.config_env.clone());
    let project =
        RemoteProject::read(&folder, RemoteChoice { stack, config_env, region, profile })?;
    let invoker = RemoteInvoker::find(project, name.as_deref(), qualifier, tenant_id.clone());
    let invoker = interrupt::block_on(invoker)?;
    let RemoteFunction { name, stack } = &invoker.function;
    if let Some(stack) = stack {
        let [name, stack] = [name, stack].map(|text| escape::line(text));
        message::note(format_args!("invoking `{name}` of the stack `{stack}`"));
    }
    let target = match local {
        Some(local) => Target::Both(invoker, LocalTarget::new(local, timeout, run)?),
        None => Target::Remote(invoker),
    };
    let (event, repeat) = (event.into(), repeat.map(usize::from));
    Ok(InvokeSettings { target, event, tenant_id, repeat, json })
}

/// Returns a flag that tells how to build or run the function here, if one is given.
fn local_flag(arguments: &InvokeArgs) -> Option<&'static str> {
    let InvokeArgs { timeout, bin, package, run, .. } = arguments;
    let flags = [
        ("--timeout", timeout.is_some()),
        ("--env", !run.env.is_empty()),
        ("--env-file", !run.env_file.is_empty()),
        ("--no-credentials", run.no_credentials),
        ("--debug", run.debug),
        ("--release", run.release),
        ("--bin", bin.is_some()),
        ("--package", package.is_some()),
    ];
    flags.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
}

/// Finds the function in the template, or else its binary in the workspace.
fn find(arguments: &InvokeArgs, name: Option<&str>) -> Result<LocalFunction> {
    let InvokeArgs { bin, package, run, manifest_path, .. } = arguments;
    let manifest_path = manifest_path.as_deref();
    let config = ConfigChoice { environment: run.config_env.clone(), file: None };
    if bin.is_none()
        && package.is_none()
        && let Some(application) = LocalApplication::with_template(manifest_path, &config)?
    {
        return application.choose(name, "invoke");
    }
    let manifest_path = manifest_path.map(Path::to_owned);
    let bin = bin.clone().unwrap_or_else(|| BOOTSTRAP.to_owned());
    // Without a template, a function has the name of its package.
    let package = package.clone().or_else(|| name.map(str::to_owned));
    let binary = Selection { manifest_path, package, bin }.find()?;
    LocalFunction::of_binary(binary)?.ok_or_else(|| Error::new("no function in this project"))
}

impl LocalTarget {
    /// Reads the variables of the function.
    fn new(mut local: LocalFunction, timeout: Option<u16>, run: RunArgs) -> Result<Self> {
        if local.function.execution_timeout.is_some() {
            let name = &local.function.name;
            return Err(Error::new(format!(
                "`{name}` is a durable function, which only a running `scaffold dev` can invoke"
            ))
            .hint("start `scaffold dev` in another terminal: it keeps the checkpoints"));
        }
        let RunArgs { env, env_file, stack, no_credentials, debug, release, .. } = run;
        let mut given = GivenEnvironment::new(&env, env_file, stack)?;
        if let Some(seconds) = timeout {
            local.function.timeout = Duration::from_secs(seconds.into());
        }
        let profile = if release { "release" } else { "dev" };
        interrupt::block_on(given.read_stack([&local.function]))?;
        let mut warnings = Warnings::default();
        let environment = given.read(&local.project, &mut warnings)?;
        environment.warn_about_unset(&local.function, &mut warnings);
        Ok(Self { function: Box::new(local), environment, profile, no_credentials, debug })
    }

    /// Builds the function. Returns its name and its memory too.
    async fn build(self, tenant_id: Option<String>) -> Result<(Invoker, String, u32)> {
        let Self { function, environment, profile, no_credentials, debug } = self;
        let LocalFunction { function, binary, .. } = *function;
        let executable = binary.build(&CompileOptions::new(profile)).await?;
        artifact::check_handler(&function, &executable)?;
        let configuration =
            configuration(&function, &binary, executable, &environment, no_credentials, debug);
        Ok((Invoker::local(configuration, tenant_id), function.name, function.memory_mb))
    }
}

impl InvokeSettings {
    async fn invoke(self) -> Result<ExitCode> {
        let Self { target, event, tenant_id, repeat, json } = self;
        let (mut invoker, name, memory_mb) = match target {
            Target::Dev(address, name) => {
                message::note(format_args!("using the running `scaffold dev` at http://{address}"));
                (Invoker::connect(address, name.clone(), tenant_id).await?, name, None)
            }
            Target::Local(local) => {
                let (invoker, name, memory_mb) = local.build(tenant_id).await?;
                (invoker, name, Some(memory_mb))
            }
            Target::Remote(invoker) => {
                let name = invoker.function.name.clone();
                (Invoker::remote(invoker), name, None)
            }
            Target::Both(remote, local) => {
                return compare(remote, local, event, tenant_id, json).await;
            }
        };
        let mut samples = Vec::new();
        let last = loop {
            let outcome = invoker.invoke(&event).await?;
            samples.push(Sample::from(&outcome));
            if samples.len() >= repeat.unwrap_or(1) {
                break outcome;
            }
        };
        let summary = repeat.map(|_| Summary::new(&samples));
        // What the function has logged comes before the report.
        invoker.stop().await;
        let printed = if json {
            print_json(&name, memory_mb, &last, summary.as_ref())
        } else {
            print_text(&last, summary.as_ref())
        };
        printed?;
        match (last.error, summary) {
            (Some(error), _) => Err(error),
            (None, Some(Summary { failed: 1.., .. })) => Ok(ExitCode::FAILURE),
            (None, _) => Ok(ExitCode::SUCCESS),
        }
    }
}

/// Sends the event to the deployed function and to the local build, and prints the difference of their responses.
async fn compare(
    remote: RemoteInvoker,
    local: LocalTarget,
    event: Bytes,
    tenant_id: Option<String>,
    json: bool,
) -> Result<ExitCode> {
    // A project that does not build invokes nothing.
    let (mut invoker, name, memory_mb) = local.build(tenant_id).await?;
    let deployed = remote.invoke(&event).await?;
    message::note(format_args!("{}", deployed.log));
    let local = invoker.invoke(&event).await?;
    invoker.stop().await;
    message::note(format_args!("{}", local.log));
    let comparison = Comparison { deployed: &deployed, local: &local };
    let is_same = comparison.is_same();
    if json {
        let output = JsonComparison {
            is_same,
            deployed: JsonOutput::new(&remote.function.name, None, &deployed, None),
            local: JsonOutput::new(&name, Some(memory_mb), &local, None),
        };
        print_value(&output)?;
    } else if is_same {
        output::print_payload(&deployed.payload)?;
    } else {
        output::print(&comparison.difference())?;
    }
    let result = if is_same { "the responses are equal" } else { "the responses differ" };
    message::note(format_args!("{}\n{result}", comparison.durations()));
    match deployed.error {
        _ if !is_same => Ok(ExitCode::from(DIFFERENT)),
        Some(error) => Err(error),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn print_text(outcome: &InvocationOutcome, summary: Option<&Summary>) -> Result<()> {
    output::print_payload(&outcome.payload)?;
    match summary {
        Some(summary) => message::note(format_args!("{summary}")),
        None => message::note(format_args!("{}", outcome.log)),
    }
    Ok(())
}

/// The output of `--json`.
#[derive(Debug, Serialize)]
struct JsonOutput<'a> {
    function: &'a str,
    request_id: &'a str,
    response: Option<JsonPayload<'a>>,
    /// Lambda's description of the error that took the place of a response.
    error: Option<JsonPayload<'a>>,
    memory_mb: Option<u32>,
    #[serde(flatten)]
    figures: ReportFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<&'a Summary>,
}

/// A payload as it is, or as a string if it is not JSON.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum JsonPayload<'a> {
    Json(&'a RawValue),
    Text(Cow<'a, str>),
}

impl<'a> JsonOutput<'a> {
    fn new(
        function: &'a str,
        memory_mb: Option<u32>,
        outcome: &'a InvocationOutcome,
        repeat: Option<&'a Summary>,
    ) -> Self {
        let payload = serde_json::from_slice(&outcome.payload).map_or_else(
            |_| JsonPayload::Text(String::from_utf8_lossy(&outcome.payload)),
            JsonPayload::Json,
        );
        let (response, error) =
            if outcome.is_response { (Some(payload), None) } else { (None, Some(payload)) };
        Self {
            function,
            request_id: &outcome.request_id,
            response,
            error,
            memory_mb,
            figures: outcome.figures,
            repeat,
        }
    }
}

/// The output of `--compare --json`.
#[derive(Debug, Serialize)]
struct JsonComparison<'a> {
    is_same: bool,
    deployed: JsonOutput<'a>,
    local: JsonOutput<'a>,
}

fn print_json(
    function: &str,
    memory_mb: Option<u32>,
    outcome: &InvocationOutcome,
    summary: Option<&Summary>,
) -> Result<()> {
    print_value(&JsonOutput::new(function, memory_mb, outcome, summary))
}

fn print_value(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_vec(value)
        .map_err(|error| Error::new("cannot write the outcome as JSON").because(error))?;
    output::print_payload(&text).map(drop)
}
