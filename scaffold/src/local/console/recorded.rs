//! A request or an event, from its arrival on.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use time::OffsetDateTime;

use super::head::Head;
use crate::local::lambda::InvocationDetails;

/// The part of a streamed response that is kept, in bytes.
const MAX_STREAMED: usize = 256 * 1024;

/// Bodies up to this length are copied: a part of the buffer of a connection keeps all of it.
const MAX_COPIED: usize = 64 * 1024;

/// A request or an event that has arrived.
#[derive(Debug)]
pub(crate) struct RecordedInvocation {
    pub(super) id: String,
    pub(super) arrival: Arrival,
    pub(super) source: Source,
    /// The function's name in the template; `None` if no function was involved.
    pub(crate) function: Option<Arc<str>>,
    /// The route that it took: `GET /orders/{id}`.
    pub(super) route: Option<String>,
    /// The event that the function gets.
    pub(crate) event: Option<Bytes>,
    progress: Mutex<Progress>,
}

/// When a request or an event has arrived, and what serves it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) time: OffsetDateTime,
    pub(crate) started: Instant,
    /// The number of the build that serves it.
    pub(crate) version: u64,
    /// The build is older than the files of the project.
    pub(crate) is_old: bool,
}

/// The sender of an event.
#[derive(Debug)]
pub(crate) enum Source {
    /// A client of an API, with its request.
    Request { head: Head, body: Bytes },
    /// A client of the Invoke API, or a queue or stream.
    Event(Cow<'static, str>),
}

/// The part of a record that changes.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The history keeps the invocation.
    pub(super) is_kept: bool,
    /// The number of the last change, counted by the history.
    pub(super) changed: u64,
    /// `None` while it runs.
    pub(super) outcome: Option<Outcome>,
    /// The response of the function, or the error that it reported; of a streamed one, the prelude.
    pub(super) answer: Option<Bytes>,
    pub(super) response: Option<RecordedResponse>,
    pub(super) stream: Option<RecordedStream>,
    /// Known once the function is ready for the next event.
    pub(super) details: Option<InvocationDetails>,
    /// The details will follow.
    pub(super) awaits_details: bool,
}

/// The outcome of a request or an event.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// `None` if the client has gone before the response.
    pub(crate) status: Option<u16>,
    pub(crate) duration: Duration,
    /// The function was started for it.
    pub(crate) is_cold: bool,
    /// Why it failed, unless the function itself decided that.
    pub(crate) reason: Option<String>,
}

/// The response to a client.
#[derive(Debug)]
pub(crate) struct RecordedResponse {
    pub(crate) head: Head,
    /// `None` if it is streamed.
    pub(crate) body: Option<Bytes>,
}

/// The body of a streamed response, as far as it has arrived.
#[derive(Debug, Default)]
pub(super) struct RecordedStream {
    /// The first bytes.
    pub(super) kept: Vec<u8>,
    /// The number of all bytes.
    pub(super) length: usize,
    pub(super) parts: usize,
    /// From the arrival of the request to the first and to the last byte.
    pub(super) first: Option<Duration>,
    pub(super) last: Duration,
    /// `None` while more can follow.
    pub(super) end: Option<StreamEnd>,
}

/// The end of a streamed response.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamEnd {
    Complete,
    /// By the function.
    CutOff,
    ClientGone,
}

impl RecordedInvocation {
    pub(super) fn new(
        arrival: Arrival,
        id: &str,
        source: Source,
        function: Option<Arc<str>>,
        route: Option<String>,
        event: Option<&Bytes>,
    ) -> Self {
        let progress = Progress { awaits_details: event.is_some(), ..Progress::default() };
        Self {
            id: id.to_owned(),
            arrival,
            source,
            function,
            route,
            event: event.map(compact),
            progress: Mutex::new(progress),
        }
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns about how many bytes it takes.
    pub(super) fn size(&self, progress: &Progress) -> usize {
        let Progress { answer, response, stream, details, .. } = progress;
        let length = |body: &Option<Bytes>| body.as_ref().map_or(0, Bytes::len);
        let source = match &self.source {
            Source::Request { head, body } => head.len() + body.len(),
            Source::Event(name) => name.len(),
        };
        size_of::<Self>()
            + source
            + length(&self.event)
            + length(answer)
            + response.as_ref().map_or(0, |it| it.head.len() + length(&it.body))
            + stream.as_ref().map_or(0, |it| it.kept.len())
            + details.as_ref().map_or(0, |it| it.log.len())
    }
}

impl StreamEnd {
    /// The end of a response that the function has completed; if `is_received`, the client got all of it.
    pub(crate) fn of_complete(is_received: bool) -> Self {
        if is_received { Self::Complete } else { Self::ClientGone }
    }
}

impl Source {
    pub(super) fn request(head: Head, body: &Bytes) -> Self {
        Self::Request { head, body: compact(body) }
    }
}

impl Progress {
    /// Returns whether there is a response and more is about to follow.
    pub(super) fn is_finishing(&self) -> bool {
        self.outcome.is_some() && self.awaits_details && !self.is_streaming()
    }

    pub(super) fn is_streaming(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.end.is_none())
    }
}

impl RecordedStream {
    /// Adds a part of the body that has arrived after this time.
    pub(super) fn add(&mut self, part: &[u8], after: Duration) {
        self.first.get_or_insert(after);
        self.last = after;
        self.parts += 1;
        self.length += part.len();
        let room = MAX_STREAMED.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(part.get(..room).unwrap_or(part));
    }
}

fn compact(body: &Bytes) -> Bytes {
    if body.len() <= MAX_COPIED { Bytes::copy_from_slice(body) } else { body.clone() }
}
