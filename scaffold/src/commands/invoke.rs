//! `scaffold invoke`: sends an event to a function and prints the response.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use hyper::body::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::artifact;
use crate::aws::BOOTSTRAP;
use crate::build::cargo::{CompileOptions, Selection};
use crate::cli::{InvokeArgs, RunArgs};
use crate::local::application::{LocalApplication, LocalFunction, configuration};
use crate::local::dev::running::RunningServer;
use crate::local::environment::{FunctionEnvironment, GivenEnvironment};
use crate::local::invoke::Invoker;
use crate::local::invoke::event_source::EventSource;
use crate::local::invoke::outcome::{InvocationOutcome, ReportFigures};
use crate::local::invoke::summary::{Sample, Summary};
use crate::local::warnings::Warnings;
use crate::process::interrupt;
use crate::term::error::{Error, Result};
use crate::term::{message, output};

/// The settings of `scaffold invoke`; the event has been read.
struct InvokeSettings {
    target: Target,
    event: Bytes,
    repeat: Option<usize>,
    json: bool,
}

/// The destination of the events.
enum Target {
    /// To the function of this name in a running `scaffold dev`.
    Dev(SocketAddr, String),
    /// To a function that is built and run for this command.
    Local {
        function: Box<LocalFunction>,
        environment: FunctionEnvironment,
        profile: &'static str,
        no_credentials: bool,
        debug: bool,
    },
}

pub(crate) fn run(arguments: InvokeArgs) -> Result<ExitCode> {
    // Ctrl-C needs no handling before anything has been started.
    let settings = resolve(arguments)?;
    interrupt::block_on(settings.invoke())
}

fn resolve(arguments: InvokeArgs) -> Result<InvokeSettings> {
    let InvokeArgs {
        name,
        event,
        data,
        timeout,
        repeat,
        json,
        run: RunArgs { env, env_file, stack, no_credentials, debug, release },
        bin,
        package,
        manifest_path,
    } = arguments;
    // A function that is already running cannot be told how to run.
    let mut given = GivenEnvironment::new(&env, env_file, stack)?;
    let is_local = timeout.is_some()
        || !given.is_empty()
        || no_credentials
        || debug
        || release
        || bin.is_some()
        || package.is_some();
    let mut local = find(name, bin, package, manifest_path.as_deref())?;
    let event = data
        .map(EventSource::Inline)
        .or(event)
        .unwrap_or_else(|| EventSource::Package(local.binary.folder().to_owned()))
        .read()?;

    let running = RunningServer::find(local.binary.target(), &local.project).filter(|_| !is_local);
    let target = if let Some(address) = running {
        Target::Dev(address, local.function.name)
    } else {
        if let Some(seconds) = timeout {
            local.function.timeout = Duration::from_secs(seconds.into());
        }
        let profile = if release { "release" } else { "dev" };
        interrupt::block_on(given.read_stack([&local.function]))?;
        let mut warnings = Warnings::default();
        let environment = given.read(&local.project, &mut warnings)?;
        environment.warn_about_unset(&local.function, &mut warnings);
        Target::Local { function: Box::new(local), environment, profile, no_credentials, debug }
    };
    Ok(InvokeSettings { target, event: event.into(), repeat: repeat.map(usize::from), json })
}

/// Finds the function in the template, or else its binary in the workspace.
fn find(
    name: Option<String>,
    bin: Option<String>,
    package: Option<String>,
    manifest_path: Option<&Path>,
) -> Result<LocalFunction> {
    if bin.is_none()
        && package.is_none()
        && let Some(application) = LocalApplication::with_template(manifest_path)?
    {
        return application.choose(name.as_deref());
    }
    let manifest_path = manifest_path.map(Path::to_owned);
    let bin = bin.unwrap_or_else(|| BOOTSTRAP.to_owned());
    // Without a template, a function has the name of its package.
    let binary = Selection { manifest_path, package: package.or(name), bin }.find()?;
    LocalFunction::of_binary(binary)?.ok_or_else(|| Error::new("no function in this project"))
}

impl InvokeSettings {
    async fn invoke(self) -> Result<ExitCode> {
        let Self { target, event, repeat, json } = self;
        let (mut invoker, name, memory_mb) = match target {
            Target::Dev(address, name) => {
                message::note(format_args!("using the running `scaffold dev` at http://{address}"));
                (Invoker::connect(address, name.clone()).await?, name, None)
            }
            Target::Local { function, environment, profile, no_credentials, debug } => {
                let LocalFunction { function, binary, .. } = *function;
                let executable = binary.build(&CompileOptions::new(profile)).await?;
                artifact::check_handler(&function, &executable)?;
                let configuration = configuration(
                    &function,
                    &binary,
                    executable,
                    &environment,
                    no_credentials,
                    debug,
                );
                (Invoker::local(configuration), function.name, Some(function.memory_mb))
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

fn print_json(
    function: &str,
    memory_mb: Option<u32>,
    outcome: &InvocationOutcome,
    summary: Option<&Summary>,
) -> Result<()> {
    let payload = serde_json::from_slice(&outcome.payload).map_or_else(
        |_| JsonPayload::Text(String::from_utf8_lossy(&outcome.payload)),
        JsonPayload::Json,
    );
    let (response, error) =
        if outcome.is_response { (Some(payload), None) } else { (None, Some(payload)) };
    let output = JsonOutput {
        function,
        request_id: &outcome.request_id,
        response,
        error,
        memory_mb,
        figures: outcome.figures,
        repeat: summary,
    };
    let text = serde_json::to_vec(&output)
        .map_err(|error| Error::new("cannot write the outcome as JSON").because(error))?;
    output::print_payload(&text).map(drop)
}
