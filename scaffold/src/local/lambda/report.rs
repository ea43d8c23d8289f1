//! The reports that Lambda writes to a function's log.

use std::fmt;
use std::time::Duration;

use super::function_error::FunctionError;

pub(super) const MEGABYTE: u64 = 1024 * 1024;

/// The report of an invocation: `REPORT RequestId: … Duration: …`. On the next line it warns about more
/// memory than the function has on Lambda, which is not enforced here.
#[derive(Debug)]
pub(crate) struct InvocationReport<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) duration: Duration,
    /// The init duration, if the instance was started for this invocation.
    pub(crate) init: Option<Duration>,
    pub(crate) memory_mb: u32,
    /// In bytes.
    pub(crate) peak_memory: Option<u64>,
    pub(crate) error: Option<&'a FunctionError>,
}

impl fmt::Display for InvocationReport<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // With a custom runtime the init phase is billed too.
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
        if let Some(error) = self.error {
            write_status(formatter, error)?;
        }
        self.memory_warning().map_or(Ok(()), |warning| write!(formatter, "\n{warning}"))
    }
}

impl InvocationReport<'_> {
    /// Warns about more memory than the function has on Lambda.
    pub(crate) fn memory_warning(&self) -> Option<String> {
        let used = self.peak_memory?.div_ceil(MEGABYTE);
        let limit = self.memory_mb;
        (used > limit.into()).then(|| {
            format!("warning: the function used {used} MB of memory; Lambda ends it at {limit} MB")
        })
    }
}

/// The report of an init phase that failed: `INIT_REPORT Init Duration: …`.
#[derive(Debug)]
pub(crate) struct InitReport<'a> {
    pub(crate) duration: Duration,
    pub(crate) error: &'a FunctionError,
}

impl fmt::Display for InitReport<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let duration = milliseconds(self.duration);
        write!(formatter, "INIT_REPORT Init Duration: {duration:.2} ms\tPhase: init")?;
        write_status(formatter, self.error)
    }
}

fn write_status(formatter: &mut fmt::Formatter<'_>, error: &FunctionError) -> fmt::Result {
    match error {
        FunctionError::TimedOut { .. } => formatter.write_str("\tStatus: timeout"),
        error => write!(formatter, "\tStatus: error\tError Type: {}", error.error_type()),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
