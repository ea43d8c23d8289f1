//! The event to send.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::emulator::MAX_EVENT;
use crate::error::{Error, Result};
use crate::example;

/// Where an event comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    File(PathBuf),
    StandardInput,
    Example(Cow<'static, [u8]>),
    /// As it was typed.
    Text(String),
}

/// `FILE`, `-` or `example:NAME`.
pub(crate) fn source(text: &str) -> std::result::Result<Source, String> {
    match text.strip_prefix("example:") {
        Some(name) => example::event(name).map(Source::Example).ok_or_else(|| {
            let names: Vec<_> = example::names().collect();
            format!("no example `{name}`: there are {}", names.join(", "))
        }),
        None if text == "-" => Ok(Source::StandardInput),
        None => Ok(Source::File(text.into())),
    }
}

/// Reads the event, or the one in `folder` where none is named.
pub(super) fn read(source: Option<Source>, folder: &Path) -> Result<Vec<u8>> {
    let (name, event) = match source {
        Some(Source::Text(text)) => ("the value of `--data`".to_owned(), text.into_bytes().into()),
        Some(Source::StandardInput) => ("standard input".to_owned(), read_standard_input()?.into()),
        Some(Source::File(path)) => (format!("`{}`", path.display()), read_file(&path)?.into()),
        Some(Source::Example(event)) => ("the example".to_owned(), event),
        None => read_default(folder)?,
    };
    check(&name, &event)?;
    Ok(event.into_owned())
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

/// The event beside the manifest.
fn read_default(folder: &Path) -> Result<(String, Cow<'static, [u8]>)> {
    let path = folder.join("events/event.json");
    let event = read_file(&path).map_err(|error| {
        error.hint("write it, name another with `--event FILE`, or type one as `--data JSON`")
    })?;
    Ok((format!("`{}`", path.display()), event.into()))
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
