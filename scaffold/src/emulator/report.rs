//! The lines that Lambda writes to a function's log.

use std::fmt;
use std::time::Duration;

use super::Failure;

const MEGABYTE: u64 = 1024 * 1024;

/// The end of an invocation: `REPORT RequestId: … Duration: …`.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) duration: Duration,
    /// The init duration, where the instance was started for this invocation.
    pub(crate) init: Option<Duration>,
    pub(crate) memory_mb: u32,
    /// In bytes.
    pub(crate) peak_memory: Option<u64>,
    pub(crate) failure: Option<&'a Failure>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A runtime of one's own is billed for its start too.
        let billed = (self.duration + self.init.unwrap_or_default()).as_micros().div_ceil(1000);
        write!(
            formatter,
            "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {billed} ms\tMemory Size: {} MB",
            self.request_id,
            milliseconds(self.duration),
            self.memory_mb,
        )?;
        if let Some(bytes) = self.peak_memory {
            write!(formatter, "\tMax Memory Used: {} MB", bytes.div_ceil(MEGABYTE))?;
        }
        if let Some(init) = self.init {
            write!(formatter, "\tInit Duration: {:.2} ms", milliseconds(init))?;
        }
        self.failure.map_or(Ok(()), |failure| write_status(formatter, failure))
    }
}

/// A start that failed: `INIT_REPORT Init Duration: …`.
#[derive(Debug)]
pub(crate) struct InitReport<'a> {
    pub(crate) duration: Duration,
    pub(crate) failure: &'a Failure,
}

impl fmt::Display for InitReport<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let duration = milliseconds(self.duration);
        write!(formatter, "INIT_REPORT Init Duration: {duration:.2} ms\tPhase: init")?;
        write_status(formatter, self.failure)
    }
}

fn write_status(formatter: &mut fmt::Formatter<'_>, failure: &Failure) -> fmt::Result {
    match failure {
        Failure::TimedOut { .. } => formatter.write_str("\tStatus: timeout"),
        failure => write!(formatter, "\tStatus: error\tError Type: {}", failure.error_type()),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
