//! An invocation: the event and its metadata on the way to a function, and the response on the way
//! back.

use std::time::Duration;

use hyper::body::Bytes;
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::finished_invocation::BelowLine;
use super::function_error::FunctionError;
use crate::aws;

/// One event for a function, with the metadata that Lambda adds to it.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    /// JSON that the caller sends about itself.
    pub(crate) client_context: Option<String>,
    /// The tenant that it is for, if the function isolates its tenants.
    pub(crate) tenant_id: Option<String>,
    /// The caller accepts a streamed response.
    pub(crate) accepts_stream: bool,
    /// The place in the log for the lines of the function.
    pub(crate) below: Option<BelowLine>,
    pub(super) trace_id: String,
}

impl Invocation {
    /// An invocation with a new request id, as part of `trace` or else of a new one.
    pub(crate) fn new(payload: impl Into<Bytes>, trace: Option<&str>) -> Self {
        let in_trace = |root: &str| {
            let parent = Uuid::new_v4().as_u64_pair().1;
            format!("{root};Parent={parent:016x};Sampled=0")
        };
        Self {
            request_id: Uuid::new_v4().to_string(),
            payload: payload.into(),
            client_context: None,
            tenant_id: None,
            accepts_stream: false,
            below: None,
            trace_id: match trace {
                // The caller names its own segment of the trace.
                Some(trace) if trace.contains(';') => trace.to_owned(),
                Some(root) => in_trace(root),
                None => in_trace(&aws::trace_id()),
            },
        }
    }
}

/// The response of a function.
#[derive(Debug)]
pub(crate) enum FunctionResponse {
    Buffered(Bytes),
    Streamed(StreamedResponse),
}

/// A response that arrives in parts while the function produces it.
#[derive(Debug)]
pub(crate) struct StreamedResponse {
    /// The `Content-Type` with which the function posts it.
    pub(crate) content_type: Option<String>,
    /// A stream that stops without [`StreamPart::End`] was cut off by the function.
    pub(crate) parts: mpsc::Receiver<StreamPart>,
}

/// A part of a streamed response.
#[derive(Debug)]
pub(crate) enum StreamPart {
    Data(Bytes),
    End(Result<(), FunctionError>),
}

/// The result of the init phase or of an invocation.
#[derive(Debug)]
pub(crate) struct Timed<T> {
    pub(crate) result: Result<T, FunctionError>,
    /// For an invocation: from handing out the event to the last byte of the response, or to the first
    /// byte of a stream.
    pub(crate) duration: Duration,
}

/// An invocation that a function has not finished.
#[derive(Debug)]
pub(super) struct PendingInvocation {
    pub(super) invocation: Invocation,
    pub(super) function_arn: String,
    deadline: OffsetDateTime,
    /// `None` once the function has responded.
    response_sender: Option<oneshot::Sender<Timed<FunctionResponse>>>,
}

impl PendingInvocation {
    pub(super) fn new(
        invocation: Invocation,
        function_arn: String,
        timeout: Duration,
    ) -> (Self, oneshot::Receiver<Timed<FunctionResponse>>) {
        let (sender, receiver) = oneshot::channel();
        let pending = Self {
            invocation,
            function_arn,
            deadline: OffsetDateTime::now_utc() + timeout,
            response_sender: Some(sender),
        };
        (pending, receiver)
    }

    /// When the function must have responded, in milliseconds since 1970.
    pub(super) fn deadline_ms(&self) -> i64 {
        self.deadline.unix_timestamp() * 1000 + i64::from(self.deadline.millisecond())
    }

    pub(super) fn has_response(&self) -> bool {
        self.response_sender.is_none()
    }

    /// Returns whether nobody waits for the response any more: its invocation has timed out.
    pub(super) fn is_expired(&self) -> bool {
        self.response_sender.as_ref().is_some_and(oneshot::Sender::is_closed)
    }

    /// Passes the response on. After a timeout nobody receives it.
    pub(super) fn respond(
        &mut self,
        result: Result<FunctionResponse, FunctionError>,
        duration: Duration,
    ) {
        if let Some(sender) = self.response_sender.take() {
            let _ = sender.send(Timed { result, duration });
        }
    }
}
