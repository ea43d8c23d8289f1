//! One event for a function: what it is, and the way back for its reply.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::body::Bytes;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::failure::Failure;

/// The largest event that Lambda takes, in bytes.
pub(crate) const MAX_EVENT: usize = 6 * 1024 * 1024;

/// One request to a function, with the id that Lambda gives it.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    /// What the caller says of itself, in JSON.
    pub(crate) client_context: Option<String>,
    /// Whether the caller takes the response while the function makes it.
    pub(crate) streams: bool,
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
            client_context: None,
            streams: false,
            trace_id: format!("Root=1-{now:08x}-{random:.24};Parent={parent:016x};Sampled=0"),
        }
    }

    /// Makes it a part of a trace, `Root=1-…`.
    pub(crate) fn trace(&mut self, trace: &str) {
        let own = self.trace_id.split_once(';').map(|(_, own)| own);
        self.trace_id = match own {
            Some(own) if !trace.contains(';') => format!("{trace};{own}"),
            _ => trace.to_owned(),
        };
    }
}

/// What a function answers.
#[derive(Debug)]
pub(crate) enum Response {
    Whole(Bytes),
    /// Still being made.
    Stream(Stream),
}

/// A response that arrives in parts.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The `Content-Type` that the function posts it with.
    pub(crate) content_type: Option<String>,
    /// Without an end the function has broken it off.
    pub(crate) parts: mpsc::Receiver<Part>,
}

/// A part of a streamed response.
#[derive(Debug)]
pub(crate) enum Part {
    Data(Bytes),
    End(Result<(), Failure>),
}

/// An event on its way to the function, and where its reply goes.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    pub(super) client_context: Option<String>,
    pub(super) streams: bool,
    pub(super) trace_id: String,
    pub(super) function_arn: String,
    pub(super) deadline: SystemTime,
    /// `None` once there is a reply.
    pub(super) reply: Option<oneshot::Sender<Reply>>,
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
            client_context: event.client_context.clone(),
            streams: event.streams,
            trace_id: event.trace_id.clone(),
            function_arn,
            deadline: SystemTime::now() + timeout,
            reply: Some(reply),
        };
        (invocation, receiver)
    }

    /// Replies; nobody waits for it where the invocation timed out.
    pub(super) fn reply(&mut self, result: Result<Response, Failure>, took: Duration) {
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(Reply { result, took });
        }
    }
}

/// What the function answered to an event.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) result: Result<Response, Failure>,
    /// From the event's handing out to the last byte of the answer, or to the first of a stream.
    pub(super) took: Duration,
}
