//! What is known of an invocation once it is over.

use std::time::Duration;

/// The log and the figures of an invocation that is over.
#[derive(Debug, Default)]
pub(crate) struct InvocationDetails {
    /// The end of its log, with Lambda's own lines.
    pub(crate) log: Vec<u8>,
    /// Lambda's report: `REPORT RequestId: …`.
    pub(crate) report: String,
    /// The most memory that its instance has used so far.
    pub(crate) peak_memory_mb: Option<u64>,
    /// `None` if no instance has started.
    pub(crate) phases: Option<Phases>,
}

/// How long each phase of an invocation took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phases {
    /// It waited for an instance; the init phase is not part of it.
    pub(crate) queue: Duration,
    /// Of the instance, if it was started for this invocation.
    pub(crate) init: Option<Duration>,
    /// From the event to the response.
    pub(crate) handler: Duration,
    /// From the response until the function was ready for the next event.
    pub(crate) after: Duration,
}
