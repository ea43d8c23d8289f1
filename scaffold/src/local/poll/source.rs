//! One event source of a function: what it polls, and how it reports trouble.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::time::sleep;

use crate::aws::aws_cli::{AwsCli, CallError, Service};
use crate::local::console::Console;
use crate::local::durable::Executions;
use crate::local::lambda::Log;
use crate::local::server::deployment::CurrentDeployment;
use crate::sam::{EventSourceMapping, SourceKind};
use crate::term::escape;
use crate::term::style::{ERROR, HINT, WARNING};

/// The pauses after failed calls: the first one, and the longest one.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(15)];

/// An event source that is polled.
#[derive(Debug)]
pub(super) struct PolledSource {
    pub(super) aws: Arc<AwsCli>,
    pub(super) current: CurrentDeployment,
    pub(super) executions: Arc<Executions>,
    pub(super) log: Arc<Log>,
    pub(super) console: Option<Arc<Console>>,
    /// Batches wait for the build that is running.
    pub(super) wait: bool,
    pub(super) mapping: EventSourceMapping,
    /// The name in the template of the function.
    pub(super) function: String,
    /// The timeout of the function.
    pub(super) timeout: Duration,
    /// The name or the ARN that the user gave for it.
    pub(super) given: Option<String>,
    /// `SQS Orders`, at the start of its lines in the log.
    pub(super) label: String,
    pub(super) has_warned: AtomicBool,
}

impl SourceKind {
    /// The name in the log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queue => "SQS",
            Self::TableStream => "DynamoDB",
            Self::KinesisStream => "Kinesis",
        }
    }

    /// The service that owns the resource.
    pub(super) fn service(self) -> Service {
        match self {
            Self::Queue => Service::Sqs,
            Self::TableStream => Service::DynamoDb,
            Self::KinesisStream => Service::Kinesis,
        }
    }
}

/// The reason why a source cannot be polled now.
#[derive(Debug)]
pub(super) struct Trouble {
    message: String,
    hint: String,
    /// Repeating the call cannot help.
    pub(super) is_final: bool,
}

impl Trouble {
    pub(super) fn of_call(error: &CallError, service: Service) -> Self {
        Self { message: error.to_string(), hint: error.fix(service), is_final: false }
    }

    pub(super) fn fatal(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), is_final: true }
    }

    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { is_final: false, ..Self::fatal(message, hint) }
    }
}

/// Reports trouble once, and waits longer each time that it does not end.
#[derive(Debug)]
pub(super) struct Backoff {
    pause: Duration,
    reported: Option<String>,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { pause: PAUSES[0], reported: None }
    }

    /// Reports trouble, unless it is the same as before, and waits.
    pub(super) async fn wait(&mut self, source: &PolledSource, trouble: &Trouble) {
        if self.reported.as_ref() != Some(&trouble.message) {
            source.report(trouble);
            self.reported = Some(trouble.message.clone());
        }
        sleep(self.pause).await;
        self.pause = PAUSES[1].min(self.pause * 2);
    }

    /// Notes that a call has succeeded.
    pub(super) fn end(&mut self, source: &PolledSource) {
        if self.reported.take().is_some() {
            source.log.line(format_args!("{} polling again", source.label));
        }
        self.pause = PAUSES[0];
    }
}

impl PolledSource {
    /// Prints what is polled.
    pub(super) fn announce(&self, place: &str) {
        let Self { label, function, .. } = self;
        self.log.line(format_args!("{label} polling {place} for {function}"));
        if !self.mapping.kind.service().is_local() && self.mapping.kind == SourceKind::Queue {
            self.warn(
                "this is a real queue: messages that the function handles here are deleted from it",
                "pass `--source` with a queue for development, or set `AWS_ENDPOINT_URL` to an emulator",
            );
        }
    }

    /// Prints a warning and its fix.
    pub(super) fn warn(&self, message: &str, hint: &str) {
        let [label, message, hint] = [&self.label, message, hint].map(escape::line);
        self.log.styled_line(format_args!("{WARNING}warning:{WARNING:#} {label}: {message}"));
        self.log.styled_line(format_args!("{HINT}hint:{HINT:#} {hint}"));
    }

    /// Prints trouble as an error.
    pub(super) fn report(&self, trouble: &Trouble) {
        let Trouble { message, hint, is_final } = trouble;
        let retrying = if *is_final { "not polled" } else { "retrying" };
        let (label, message) = (escape::line(&self.label), escape::line(message));
        self.log
            .styled_line(format_args!("{ERROR}error:{ERROR:#} {label}: {message} ({retrying})"));
        if !hint.is_empty() {
            let hint = escape::line(hint);
            self.log.styled_line(format_args!("{HINT}hint:{HINT:#} {hint}"));
        }
    }
}
