//! `scaffold invoke`: builds the function, runs it and sends it one event.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::cargo::{Binary, Compile, Selection};
use crate::cli::InvokeArgs;
use crate::emulator::report::{InitReport, Report};
use crate::emulator::{Event, Exit, Failure, Function, Instance, MAX_EVENT};
use crate::error::{Error, Result};
use crate::interrupt;

/// The memory of a function that does not say how much it needs.
const MEMORY_MB: u32 = 128;

/// What was asked for, with nothing left to decide or to read.
struct Invoke {
    binary: Binary,
    profile: &'static str,
    event: Vec<u8>,
    timeout: Duration,
}

pub(crate) fn run(arguments: InvokeArgs) -> Result<ExitCode> {
    // Before anything is started: here Ctrl-C needs no handling.
    let invoke = resolve(arguments)?;
    interrupt::block_on(invoke.run())
}

fn resolve(arguments: InvokeArgs) -> Result<Invoke> {
    let InvokeArgs { event, data, timeout, release, bin, package, manifest_path } = arguments;
    let binary = Selection { manifest_path, package, bin }.find()?;
    let (name, event) = match (data, event) {
        (Some(data), _) => ("the value of `--data`".to_owned(), data.into_bytes()),
        (None, Some(path)) if path == Path::new("-") => {
            ("standard input".to_owned(), read_standard_input()?)
        }
        (None, Some(path)) => (format!("`{}`", path.display()), read_file(&path)?),
        (None, None) => read_default(binary.folder())?,
    };
    check(&name, &event)?;
    let profile = if release { "release" } else { "dev" };
    Ok(Invoke { binary, profile, event, timeout: Duration::from_secs(timeout.into()) })
}

fn read_standard_input() -> Result<Vec<u8>> {
    let mut input = io::stdin().lock();
    if input.is_terminal() {
        return Err(Error::new("the event is to come from standard input, which is a terminal")
            .hint("pipe it in, name a file with `--event FILE`, or type it as `--data JSON`"));
    }
    let mut event = Vec::new();
    input
        .read_to_end(&mut event)
        .map_err(|error| Error::new("cannot read standard input").because(error))?;
    Ok(event)
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        Error::new(format!("cannot read the event `{}`", path.display())).because(error)
    })
}

/// The event beside the manifest, and its name for messages.
fn read_default(folder: &Path) -> Result<(String, Vec<u8>)> {
    let path = folder.join("events/event.json");
    let event = read_file(&path).map_err(|error| {
        error.hint("write it, name another with `--event FILE`, or type one as `--data JSON`")
    })?;
    Ok((format!("`{}`", path.display()), event))
}

/// Lambda refuses an event that is not JSON, or too large, before any function sees it.
fn check(name: &str, event: &[u8]) -> Result<()> {
    let not_json = || Error::new(format!("{name} is not JSON, and Lambda takes no other event"));
    let text = std::str::from_utf8(event).map_err(|error| not_json().because(error))?;
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| not_json().because(error))?;
    if event.len() > MAX_EVENT {
        return Err(Error::new(format!(
            "{name} has {} bytes, and Lambda takes at most {MAX_EVENT}",
            event.len()
        ))
        .hint("put what is large into S3, and its key into the event"));
    }
    Ok(())
}

impl Invoke {
    async fn run(self) -> Result<ExitCode> {
        let executable = self.binary.build(&Compile::new(self.profile)).await?;
        let function = Arc::new(Function {
            executable,
            folder: self.binary.folder().to_owned(),
            name: self.binary.package,
            handler: self.binary.name,
            memory_mb: MEMORY_MB,
            timeout: self.timeout,
        });
        let mut instance = Instance::start(Arc::clone(&function)).await?;
        let result = answer(&mut instance, Event::new(self.event)).await;
        instance.stop().await;
        result
    }
}

/// Sends the event and shows what comes of it.
async fn answer(instance: &mut Instance, event: Event) -> Result<ExitCode> {
    let init = instance.init().await;
    if let Err(failure) = init.result {
        print(&failure.payload(&event.request_id))?;
        anstream::eprintln!("{}", InitReport { duration: init.duration, failure: &failure });
        let error = failed(&failure, "asked for an event");
        return Err(match failure {
            Failure::Exited { status: Exit::Success } => {
                error.hint("does its `main` take events? `#[lambda_handler]` writes one that does")
            }
            _ => error,
        });
    }

    let answer = instance.invoke(&event).await;
    match &answer.result {
        Ok(response) => print(response)?,
        Err(failure) => print(&failure.payload(&event.request_id))?,
    }
    let over = match &answer.result {
        Err(Failure::Exited { .. } | Failure::TimedOut { .. }) => Ok(()),
        Ok(_) | Err(_) => instance.finish().await,
    };
    let report = Report {
        request_id: &event.request_id,
        duration: answer.duration,
        init: Some(init.duration),
        memory_mb: MEMORY_MB,
        peak_memory: instance.peak_memory(),
        failure: answer.result.as_ref().err().or(over.as_ref().err()),
    };
    anstream::eprintln!("{report}");
    answer.result.map_err(|failure| failed(&failure, "answered"))?;
    over.map_err(|failure| failed(&failure, "asked for another event"))?;
    Ok(ExitCode::SUCCESS)
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

/// The failure for the person who typed the command; `before` is what the function still had to do.
fn failed(failure: &Failure, before: &str) -> Error {
    match failure {
        Failure::Reported { error_type, payload } => {
            Error::new(format!("the function failed: {}", reported(error_type, payload)))
        }
        Failure::ResponseTooLarge { size, limit } => Error::new(format!(
            "the function failed: its response has {size} bytes, and Lambda takes at most {limit}"
        )),
        Failure::Exited { status } => {
            Error::new(format!("the function ended before it {before}: {status}"))
        }
        Failure::TimedOut { limit } => Error::new(format!(
            "the function timed out after {:.2} seconds, before it {before}",
            limit.as_secs_f64()
        ))
        .hint("`--timeout SECONDS` gives it more time"),
    }
}

/// `Type: message`, as far as the function said them.
fn reported(error_type: &str, payload: &[u8]) -> String {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Body {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let body: Body = serde_json::from_slice(payload).unwrap_or_default();
    let error_type = body.error_type.as_deref().unwrap_or(error_type);
    match body.error_message {
        Some(message) => format!("{error_type}: {message}"),
        None => error_type.to_owned(),
    }
}
