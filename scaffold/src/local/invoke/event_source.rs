//! The source of the event that `scaffold invoke` sends.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::aws::MAX_PAYLOAD;
use crate::local::sample_events;
use crate::term::error::{Error, Result};

/// The source of an event.
#[derive(Clone, Debug)]
pub(crate) enum EventSource {
    File(PathBuf),
    StandardInput,
    Example(Cow<'static, [u8]>),
    /// JSON given on the command line.
    Inline(String),
    /// `events/event.json` in this folder, a package's.
    Package(PathBuf),
}

/// Parses `FILE`, `-` or `example:NAME`.
impl FromStr for EventSource {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.strip_prefix("example:") {
            Some(name) => sample_events::event(name).map(Self::Example).ok_or_else(|| {
                let names: Vec<_> = sample_events::names().collect();
                format!("unknown example `{name}`; the examples are: {}", names.join(", "))
            }),
            None if text == "-" => Ok(Self::StandardInput),
            None => Ok(Self::File(text.into())),
        }
    }
}

impl EventSource {
    /// Reads the event. Fails if Lambda would reject it before invoking a function.
    pub(crate) fn read(self) -> Result<Vec<u8>> {
        let (name, event) = match self {
            Self::Inline(text) => ("the value of `--data`".to_owned(), text.into_bytes().into()),
            Self::StandardInput => ("standard input".to_owned(), read_standard_input()?.into()),
            Self::Example(event) => ("the example".to_owned(), event),
            Self::File(path) => (format!("`{}`", path.display()), read_file(&path)?.into()),
            Self::Package(folder) => {
                let path = folder.join("events/event.json");
                let event = read_file(&path).map_err(|error| {
                    error.hint("create it, or pass an event with `--event FILE` or `--data JSON`")
                })?;
                (format!("`{}`", path.display()), event.into())
            }
        };
        check(&name, &event)?;
        Ok(event.into_owned())
    }
}

fn read_standard_input() -> Result<Vec<u8>> {
    let mut input = io::stdin().lock();
    if input.is_terminal() {
        return Err(Error::new("no event on standard input (it is a terminal)")
            .hint("pipe it in, or pass an event with `--event FILE` or `--data JSON`"));
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

/// Lambda rejects an event that is not JSON, or is too large, before it invokes a function.
fn check(name: &str, event: &[u8]) -> Result<()> {
    let not_json =
        || Error::new(format!("{name} is not valid JSON, and Lambda accepts nothing else"));
    let text = std::str::from_utf8(event).map_err(|error| not_json().because(error))?;
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| not_json().because(error))?;
    if event.len() > MAX_PAYLOAD {
        return Err(Error::new(format!(
            "{name} has {} bytes; Lambda's limit is {MAX_PAYLOAD}",
            event.len()
        ))
        .hint("store large data in S3 and put its key into the event"));
    }
    Ok(())
}
