//! `scaffold invoke`: sends a function events, through a `scaffold dev` that runs or by itself.

pub(crate) mod event;

mod client;
mod outcome;
mod own;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use hyper::body::Bytes;

use self::client::Client;
use self::event::Source;
use self::outcome::{Json, Outcome, Summary, Tally};
use self::own::Own;
use crate::application;
use crate::cargo::{BOOTSTRAP, Binary, Compile, Selection};
use crate::cli::InvokeArgs;
use crate::dev::plan::Plan;
use crate::dev::running::Running;
use crate::emulator::{DEBUG_TIMEOUT, Function};
use crate::error::{Error, Result};
use crate::interrupt;

/// The memory and the time of a function that does not say how much it needs.
const MEMORY_MB: u32 = 128;
const TIMEOUT: Duration = Duration::from_secs(3);

/// What was asked for, with nothing left to decide or to read.
struct Invoke {
    target: Target,
    event: Bytes,
    repeat: Option<usize>,
    json: bool,
}

/// Where the events go.
enum Target {
    /// A `scaffold dev`, and the name of the function there.
    Running(SocketAddr, String),
    Own {
        binary: Binary,
        profile: &'static str,
        settings: Box<Settings>,
    },
}

/// How a function is run.
struct Settings {
    name: String,
    handler: String,
    memory_mb: u32,
    timeout: Duration,
    environment: std::collections::BTreeMap<String, String>,
    debug: bool,
}

pub(crate) fn run(arguments: InvokeArgs) -> Result<ExitCode> {
    // Before anything is started: here Ctrl-C needs no handling.
    let invoke = resolve(arguments)?;
    interrupt::block_on(invoke.run())
}

fn resolve(arguments: InvokeArgs) -> Result<Invoke> {
    let InvokeArgs {
        name,
        event,
        data,
        timeout,
        repeat,
        json,
        debug,
        release,
        bin,
        package,
        manifest_path,
    } = arguments;
    // What says how to run it is not for one that runs already.
    let own = timeout.is_some() || debug || release || bin.is_some() || package.is_some();
    let (binary, described) = find(name, bin, package, manifest_path.as_deref())?;
    let event = event::read(data.map(Source::Text).or(event), binary.folder())?;

    let function = described.as_ref().map_or(binary.function(), |described| &described.name);
    let running = Running::find(binary.target()).filter(|_| !own);
    let target = if let Some(address) = running {
        Target::Running(address, function.to_owned())
    } else {
        let (memory_mb, limit) = described
            .as_ref()
            .map_or((MEMORY_MB, TIMEOUT), |described| (described.memory_mb, described.timeout));
        let limit = timeout.map_or(limit, |seconds| Duration::from_secs(seconds.into()));
        let settings = Settings {
            name: function.to_owned(),
            handler: described
                .as_ref()
                .and_then(|described| described.handler.clone())
                .unwrap_or_else(|| binary.name.clone()),
            memory_mb,
            timeout: if debug { DEBUG_TIMEOUT } else { limit },
            environment: described.map(|described| described.environment).unwrap_or_default(),
            debug,
        };
        let profile = if release { "release" } else { "dev" };
        Target::Own { binary, profile, settings: Box::new(settings) }
    };
    Ok(Invoke { target, event: event.into(), repeat: repeat.map(usize::from), json })
}

/// The binary, and what the template says of it.
fn find(
    name: Option<String>,
    bin: Option<String>,
    package: Option<String>,
    manifest_path: Option<&Path>,
) -> Result<(Binary, Option<application::Function>)> {
    if bin.is_none()
        && package.is_none()
        && let Some(plan) = Plan::with_template(manifest_path)?
    {
        let (index, binary) = plan.choose(name.as_deref())?.clone();
        let described = plan.application.functions.into_iter().nth(index);
        return Ok((binary, described));
    }
    let manifest_path = manifest_path.map(Path::to_owned);
    let bin = bin.unwrap_or_else(|| BOOTSTRAP.to_owned());
    // Without a template a function is called as its package.
    let binary = Selection { manifest_path, package: package.or(name), bin }.find()?;
    Ok((binary, None))
}

/// What takes the events.
enum Taker {
    Client(Client),
    Own(Box<Own>),
}

impl Taker {
    async fn call(&mut self, event: &Bytes) -> Result<Outcome> {
        match self {
            Self::Client(client) => client.call(event).await,
            Self::Own(own) => own.call(event).await,
        }
    }
}

impl Invoke {
    async fn run(self) -> Result<ExitCode> {
        let Self { target, event, repeat, json } = self;
        let (mut taker, name, memory_mb) = match target {
            Target::Running(address, function) => {
                anstream::eprintln!("through `scaffold dev` at http://{address}");
                let client = Client::connect(address, function.clone()).await?;
                (Taker::Client(client), function, None)
            }
            Target::Own { binary, profile, settings } => {
                let executable = binary.build(&Compile::new(profile)).await?;
                let Settings { name, handler, memory_mb, timeout, environment, debug } = *settings;
                let function = Function {
                    name: name.clone(),
                    executable,
                    folder: binary.folder().to_owned(),
                    handler,
                    memory_mb,
                    timeout,
                    environment,
                    debug,
                };
                (Taker::Own(Box::new(Own::new(function))), name, Some(memory_mb))
            }
        };
        let mut tallies = Vec::new();
        let last = loop {
            let outcome = taker.call(&event).await?;
            tallies.push(Tally::from(&outcome));
            if tallies.len() >= repeat.unwrap_or(1) {
                break outcome;
            }
        };
        let summary = repeat.map(|_| Summary::new(&tallies));
        let shown = show(&name, memory_mb, &last, summary.as_ref(), json);
        if let Taker::Own(own) = taker {
            own.stop().await;
        }
        shown?;
        match (last.error, summary) {
            (Some(error), _) => Err(error),
            (None, Some(Summary { failed: 1.., .. })) => Ok(ExitCode::FAILURE),
            (None, _) => Ok(ExitCode::SUCCESS),
        }
    }
}

fn show(
    name: &str,
    memory_mb: Option<u32>,
    outcome: &Outcome,
    summary: Option<&Summary>,
    json: bool,
) -> Result<()> {
    if json {
        let json = Json::new(name, memory_mb, outcome, summary);
        let text = serde_json::to_vec(&json)
            .map_err(|error| Error::new("cannot write the outcome as JSON").because(error))?;
        return print(&text);
    }
    print(&outcome.payload)?;
    match summary {
        Some(summary) => anstream::eprintln!("{summary}"),
        None => anstream::eprintln!("{}", outcome.log),
    }
    Ok(())
}

/// Writes what the function's caller gets: the bytes as they are, and the end of the line.
fn print(payload: &[u8]) -> Result<()> {
    let mut output = io::stdout().lock();
    output
        .write_all(payload)
        .and_then(|()| output.write_all(b"\n"))
        .and_then(|()| output.flush())
        .map_err(|error| Error::new("cannot write the response").because(error))
}
