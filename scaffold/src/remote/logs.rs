//! The log of a deployed function in CloudWatch Logs.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::time::sleep;

use super::failed;
use super::function::RemoteFunction;
use super::project::RemoteProject;
use super::since::Since;
use crate::aws::aws_cli::{CallError, Service};
use crate::local::lambda::readable;
use crate::term::error::{Error, Result};
use crate::term::style::LABEL;
use crate::term::{escape, message, output};

/// The time between two calls of `--follow`. An account has 5 of them per second in a region.
const POLL: Duration = Duration::from_secs(2);
/// The time after a call that was refused because there were too many.
const WAIT: Duration = Duration::from_secs(10);
/// The time in which CloudWatch Logs can still add events that are older than the newest one, in milliseconds.
const LATE: i64 = 30_000;

/// The form in which events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogView {
    /// The time and the line; JSON is shown as text
    Text,
    /// The lines as they are
    Raw,
}

impl LogView {
    /// The form unless the user chooses one: text for a person, raw for a program.
    pub(crate) fn default_for_stdout() -> Self {
        if io::stdout().is_terminal() { Self::Text } else { Self::Raw }
    }
}

/// The events to read.
#[derive(Debug)]
pub(crate) struct LogQuery {
    pub(crate) since: Since,
    /// A text that the events contain.
    pub(crate) text: Option<String>,
    pub(crate) follow: bool,
    pub(crate) view: LogView,
}

/// Reads the log of one function.
#[derive(Debug)]
pub(crate) struct LogReader {
    project: RemoteProject,
    function: RemoteFunction,
    query: LogQuery,
    group: String,
    /// A part of the names of the function's streams in a group that it shares with others.
    stream: Option<String>,
    /// The time from which on events are read, in milliseconds.
    start: i64,
    /// The times of the events that were printed and can be read again, by their ids.
    printed: HashMap<String, i64>,
    has_printed: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    events: Vec<LogEvent>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogEvent {
    event_id: String,
    log_stream_name: String,
    /// In milliseconds.
    timestamp: i64,
    message: String,
}

impl LogReader {
    /// Finds the log group of a function.
    pub(crate) async fn find(
        project: RemoteProject,
        name: Option<&str>,
        query: LogQuery,
    ) -> Result<Self> {
        let function = project.find(name).await?;
        let configuration = function.configuration(&project).await?;
        let text = |path| configuration.pointer(path).and_then(Value::as_str);
        let name = text("/FunctionName").unwrap_or(&function.name);
        let own = format!("/aws/lambda/{name}");
        let group = text("/LoggingConfig/LogGroup").unwrap_or(&own).to_owned();
        // Of such a group, the streams are named `2026/11/30/NAME[$LATEST]…`.
        let stream = (group != own).then(|| format!("/{name}["));
        let since = i64::try_from(query.since.0.as_millis()).unwrap_or(i64::MAX);
        let start = now().saturating_sub(since).max(0);
        let (printed, has_printed) = (HashMap::new(), false);
        Ok(Self { project, function, query, group, stream, start, printed, has_printed })
    }

    /// Prints the events, with `--follow` until the future is dropped or nobody reads them any more.
    pub(crate) async fn run(mut self) -> Result<()> {
        let mut waits = false;
        loop {
            match self.read().await {
                Ok(ControlFlow::Break(())) => return Ok(()),
                Ok(ControlFlow::Continue(())) if self.query.follow => sleep(POLL).await,
                Ok(ControlFlow::Continue(())) => break,
                Err(LogError::Call(error)) if self.query.follow && error.is_throttled() => {
                    sleep(WAIT).await;
                }
                Err(LogError::Call(error))
                    if self.query.follow && error.is("ResourceNotFoundException") =>
                {
                    if !std::mem::replace(&mut waits, true) {
                        let group = escape::line(&self.group);
                        message::note(format_args!("waiting for the log group `{group}`"));
                    }
                    sleep(POLL).await;
                }
                Err(LogError::Call(error)) => return Err(self.failed(&error)),
                Err(LogError::Other(error)) => return Err(error),
            }
        }
        if !self.has_printed {
            let what = if self.query.text.is_some() { "no matching events" } else { "no events" };
            message::note(format_args!("{what} in this time; `--since 1d` looks further back"));
        }
        Ok(())
    }

    /// Reads and prints all events that were not printed yet.
    async fn read(&mut self) -> std::result::Result<ControlFlow<()>, LogError> {
        let pattern = self.query.text.as_deref().map(pattern);
        let mut token = None;
        let mut newest = self.start;
        loop {
            let input = json!({
                "logGroupName": self.group,
                "startTime": self.start,
                "filterPattern": pattern,
                "nextToken": token,
            });
            let input = without_nulls(input);
            let page = self.project.aws.call_for_page(Service::Logs, "filter-log-events", &input);
            let page = page.await.map_err(LogError::Call)?;
            let page: Page =
                if page.is_null() { Ok(Page::default()) } else { serde_json::from_value(page) }
                    .map_err(|error| {
                        LogError::Other(
                            Error::new("cannot read the events of CloudWatch Logs").because(error),
                        )
                    })?;
            newest = page.events.iter().map(|event| event.timestamp).fold(newest, i64::max);
            let mut lines = String::new();
            for event in page.events {
                let is_own =
                    self.stream.as_ref().is_none_or(|own| event.log_stream_name.contains(own));
                if is_own && self.printed.insert(event.event_id.clone(), event.timestamp).is_none()
                {
                    self.query.view.add(&event, &mut lines);
                }
            }
            if !lines.is_empty() {
                self.has_printed = true;
                let printed = output::print_log(lines.as_bytes()).map_err(LogError::Other)?;
                if printed.is_break() {
                    return Ok(printed);
                }
            }
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        self.start = self.start.max(newest - LATE);
        let start = self.start;
        self.printed.retain(|_, time| *time >= start);
        Ok(ControlFlow::Continue(()))
    }

    fn failed(&self, error: &CallError) -> Error {
        if error.is("ResourceNotFoundException") {
            let RemoteFunction { name, .. } = &self.function;
            return Error::new(format!("`{name}` has no log yet: there is no log group `{}`", self.group))
                .hint(format!(
                    "Lambda creates it with the first invocation: `scaffold invoke --remote {name}{}`; the role of \
                     the function needs `logs:CreateLogGroup`",
                    self.project.flags
                ));
        }
        failed(format!("cannot read the log group `{}`", self.group), Service::Logs, error)
    }
}

/// The failure of reading events.
enum LogError {
    Call(CallError),
    Other(Error),
}

impl LogView {
    /// Adds the lines of an event.
    fn add(self, event: &LogEvent, lines: &mut String) {
        let text = event.message.trim_end_matches(['\r', '\n']);
        if self == Self::Raw {
            lines.extend([text, "\n"]);
            return;
        }
        let shown = platform(text).or_else(|| readable(text.as_bytes()));
        let shown = shown.as_deref().unwrap_or(text);
        let time = show_time(event.timestamp);
        let has_color = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        let mut label = time.clone();
        for line in shown.lines() {
            let line = String::from_utf8_lossy(&escape::colored(line.as_bytes())).into_owned();
            // Writing to a string does not fail.
            let _ = if has_color {
                let reset = if line.contains('\x1b') { "\x1b[0m" } else { "" };
                writeln!(lines, "{LABEL}{label}{LABEL:#} {line}{reset}")
            } else {
                writeln!(lines, "{label} {}", anstream::adapter::strip_str(&line))
            };
            label = " ".repeat(time.len());
        }
    }
}

/// Shows a time in UTC.
fn show_time(milliseconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000);
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    time.ok().and_then(|time| time.format(&format).ok()).unwrap_or_default()
}

/// Formats Lambda's own events in the format JSON as in the format text; `None` for other lines.
fn platform(line: &str) -> Option<String> {
    if !line.starts_with('{') || !line.contains("\"platform.") {
        return None;
    }
    let event: Value = serde_json::from_str(line).ok()?;
    let record = event.get("record")?;
    let id = record.get("requestId").and_then(Value::as_str);
    match event.get("type")?.as_str()? {
        "platform.start" => {
            let version = record.get("version").and_then(Value::as_str).unwrap_or("$LATEST");
            Some(format!("START RequestId: {} Version: {version}", id?))
        }
        "platform.report" => {
            let metric = |name: &str| record.get("metrics")?.get(name)?.as_f64();
            let mut report = format!("REPORT RequestId: {}", id?);
            for (name, key, unit) in [
                ("Duration", "durationMs", "ms"),
                ("Billed Duration", "billedDurationMs", "ms"),
                ("Memory Size", "memorySizeMB", "MB"),
                ("Max Memory Used", "maxMemoryUsedMB", "MB"),
                ("Init Duration", "initDurationMs", "ms"),
            ] {
                if let Some(value) = metric(key) {
                    // Writing to a string does not fail.
                    let _ = write!(report, "\t{name}: {value} {unit}");
                }
            }
            match record.get("status").and_then(Value::as_str) {
                Some("success") | None => {}
                Some(status) => report.extend(["\tStatus: ", status]),
            }
            Some(report)
        }
        _ => None,
    }
}

/// Returns an object without the entries that are null.
fn without_nulls(mut object: Value) -> Value {
    if let Some(entries) = object.as_object_mut() {
        entries.retain(|_, value| !value.is_null());
    }
    object
}

/// Returns the filter pattern for events that contain a text.
fn pattern(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The time in milliseconds since 1970.
fn now() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_events_as_text() {
        let messages = [
            "plain\n",
            r#"{"level":"INFO","message":"order placed","id":7}"#,
            "first\nsecond \u{1b}[2Jthird\n",
            r#"{"time":"t","type":"platform.start","record":{"requestId":"7","version":"3"}}"#,
            r#"{"time":"t","type":"platform.report","record":{"requestId":"7","metrics":{"durationMs":1.25,"billedDurationMs":22,"memorySizeMB":128,"maxMemoryUsedMB":18,"initDurationMs":20.5},"status":"timeout"}}"#,
            r#"{"time":"t","type":"platform.initStart","record":{"phase":"init"}}"#,
        ];
        let show = |view: LogView| {
            let mut lines = String::new();
            for message in messages {
                let event = LogEvent {
                    event_id: String::new(),
                    log_stream_name: String::new(),
                    timestamp: 1_800_000_000_123,
                    message: message.to_owned(),
                };
                view.add(&event, &mut lines);
            }
            anstream::adapter::strip_str(&lines).to_string()
        };
        insta::assert_snapshot!(show(LogView::Text), @r#"
        2027-01-15 08:00:00 plain
        2027-01-15 08:00:00 INFO order placed id=7
        2027-01-15 08:00:00 first
                            second \x1b[2Jthird
        2027-01-15 08:00:00 START RequestId: 7 Version: 3
        2027-01-15 08:00:00 REPORT RequestId: 7	Duration: 1.25 ms	Billed Duration: 22 ms	Memory Size: 128 MB	Max Memory Used: 18 MB	Init Duration: 20.5 ms	Status: timeout
        2027-01-15 08:00:00 record={"phase":"init"} type=platform.initStart
        "#);
    }

    #[test]
    fn filters_for_a_text() {
        assert_eq!(pattern("a b"), r#""a b""#);
        assert_eq!(pattern(r#"{"a": "\n"}"#), r#""{\"a\": \"\\n\"}""#);
    }
}
