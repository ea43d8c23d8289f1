//! One event for a function: what it is, and the way back for its reply.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::body::Bytes;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::failure::Failure;

/// The largest event that Lambda takes, in bytes.
pub(crate) const MAX_EVENT: usize = 6 * 1024 * 1024;

/// One request to a function, with the id that Lambda gives it.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    trace_id: String,
}

impl Event {
    pub(crate) fn new(payload: impl Into<Bytes>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let random = Uuid::new_v4().simple().to_string();
        let parent = Uuid::new_v4().as_u64_pair().1;
        Self {
            request_id: Uuid::new_v4().to_string(),
            payload: payload.into(),
            trace_id: format!("Root=1-{now:08x}-{random:.24};Parent={parent:016x};Sampled=0"),
        }
    }
}

/// An event on its way to the function, and where its reply goes.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    pub(super) trace_id: String,
    pub(super) function_arn: String,
    pub(super) deadline: SystemTime,
    pub(super) reply: oneshot::Sender<Reply>,
}

impl Invocation {
    pub(super) fn new(
        event: &Event,
        function_arn: String,
        timeout: Duration,
    ) -> (Self, oneshot::Receiver<Reply>) {
        let (reply, receiver) = oneshot::channel();
        let invocation = Self {
            request_id: event.request_id.clone(),
            payload: event.payload.clone(),
            trace_id: event.trace_id.clone(),
            function_arn,
            deadline: SystemTime::now() + timeout,
            reply,
        };
        (invocation, receiver)
    }
}

/// What the function answered to an event.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) result: Result<Bytes, Failure>,
    /// From the event's handing out to the last byte of the answer.
    pub(super) took: Duration,
}
