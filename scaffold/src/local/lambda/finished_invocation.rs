//! What the log says about a request or an event once it has its response.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anstyle::AnsiColor::{Green, Red, Yellow};
use chrono::{DateTime, Local};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::timeout;

use super::instance_log::HOLD;
use crate::term::escape;
use crate::term::style::{LABEL, WARNING};

/// A request or an event, and its outcome.
#[derive(Debug)]
pub(crate) struct FinishedInvocation {
    /// When it arrived.
    pub(crate) time: OffsetDateTime,
    /// The method and the target of a request, such as `GET /orders?page=2`, or else what sent the event.
    pub(crate) source: String,
    pub(crate) status: u16,
    /// The function's name in the template; `None` if no function was involved.
    pub(crate) function: Option<Arc<str>>,
    pub(crate) duration: Duration,
    /// The function was started for it.
    pub(crate) is_cold: bool,
    /// The function is older than the files of the project.
    pub(crate) is_old: bool,
    /// Why it failed, unless the function itself decided that.
    pub(crate) reason: Option<String>,
}

/// Formats it as one line: `17:02:41 GET /orders 502 Orders 3.1 ms cold: the function timed out`. The time is
/// that of this machine.
impl fmt::Display for FinishedInvocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = DateTime::<Local>::from(SystemTime::from(self.time)).format("%H:%M:%S");
        write!(formatter, "{LABEL}{clock}{LABEL:#} {}", escape::line(&self.source))?;
        let color = match self.status {
            500.. => Red,
            400.. => Yellow,
            _ if self.reason.is_some() => Yellow,
            _ => Green,
        };
        let style = color.on_default();
        write!(formatter, " {style}{}{style:#}", self.status)?;
        if let Some(function) = &self.function {
            write!(formatter, " {}", escape::line(function))?;
        }
        write!(formatter, " {:.1} ms", self.duration.as_secs_f64() * 1000.0)?;
        if self.is_cold {
            write!(formatter, " {LABEL}cold{LABEL:#}")?;
        }
        if self.is_old {
            write!(formatter, " {WARNING}old version{WARNING:#}")?;
        }
        match &self.reason {
            Some(reason) => write!(formatter, ": {}", escape::line(reason)),
            None => Ok(()),
        }
    }
}

/// The line of a request that has no response yet. Dropping this means that the line has been printed.
#[derive(Debug)]
pub(crate) struct PendingLine(watch::Sender<()>);

/// Where functions print that were invoked for a request: below its line.
#[derive(Clone, Debug)]
pub(crate) struct BelowLine(watch::Receiver<()>);

impl PendingLine {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Returns the place below the line.
    pub(crate) fn below(&self) -> BelowLine {
        BelowLine(self.0.subscribe())
    }
}

impl BelowLine {
    /// Waits until the line has been printed, but not for long.
    pub(super) async fn wait(mut self) {
        // It changes only by being closed; whether in time makes no difference here.
        let _ = timeout(HOLD, self.0.changed()).await;
    }
}
