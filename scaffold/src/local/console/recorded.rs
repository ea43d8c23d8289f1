//! A request or an event, from its arrival on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use time::OffsetDateTime;

use super::texts::{Text, Texts};
use crate::local::lambda::{InvocationDetails, Phases};

/// The part of a streamed response that is kept, in bytes.
const MAX_STREAMED: usize = 256 * 1024;

/// A request or an event that has arrived, and what has become of it so far.
#[derive(Debug)]
pub(crate) struct RecordedInvocation(Mutex<Record>);

/// The contents of a record.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) arrival: Arrival,
    /// The function's name in the template; `None` if no function was involved.
    pub(super) function: Option<Arc<str>>,
    pub(super) texts: Texts,
    /// The history keeps the invocation.
    pub(super) is_kept: bool,
    /// The number of the last change, counted by the history.
    pub(super) changed: u64,
    /// `None` while it runs.
    pub(super) outcome: Option<Outcome>,
    pub(super) stream: Option<Box<RecordedStream>>,
    /// The log and the figures will follow.
    pub(super) awaits_details: bool,
    /// The most memory that its instance has used so far.
    pub(super) peak_memory_mb: Option<u64>,
    pub(super) phases: Option<Phases>,
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
    pub(super) fn new(arrival: Arrival) -> Self {
        Self(Mutex::new(Record::new(arrival)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get_mut(&mut self) -> &mut Record {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_id(&self, id: &str) -> bool {
        self.lock().texts.get(Text::Id) == Some(id.as_bytes())
    }

    /// Returns the event that the function got, with the function's name.
    pub(crate) fn event(&self) -> Option<(Option<Arc<str>>, Vec<u8>)> {
        let record = self.lock();
        Some((record.function.clone(), record.texts.get(Text::Event)?.to_vec()))
    }
}

impl Record {
    fn new(arrival: Arrival) -> Self {
        Self {
            arrival,
            function: None,
            texts: Texts::default(),
            is_kept: false,
            changed: 0,
            outcome: None,
            stream: None,
            awaits_details: false,
            peak_memory_mb: None,
            phases: None,
        }
    }

    /// Makes it the record of another invocation.
    pub(super) fn reset(&mut self, arrival: Arrival) {
        let mut texts = std::mem::take(&mut self.texts);
        texts.clear();
        *self = Self { texts, ..Self::new(arrival) };
    }

    /// Adds the log and the figures of the invocation.
    pub(super) fn add_details(&mut self, details: &InvocationDetails) {
        self.awaits_details = false;
        self.texts.add(Text::Log, &details.log);
        self.texts.add(Text::Report, details.report.as_bytes());
        self.peak_memory_mb = details.peak_memory_mb;
        self.phases = details.phases;
    }

    /// Adds the response of the function, or its error.
    pub(super) fn add_answer(&mut self, answer: Option<&Bytes>) {
        if let Some(answer) = answer {
            self.texts.add_body(Text::Answer, answer);
        }
    }

    /// Returns about how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let stream = self.stream.as_ref().map_or(0, |it| it.kept.len());
        size_of::<Self>() + self.texts.size() + stream
    }

    /// Returns whether there is a response and more is about to follow.
    pub(super) fn is_finishing(&self) -> bool {
        self.outcome.is_some() && self.awaits_details && !self.is_streaming()
    }

    pub(super) fn is_streaming(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.end.is_none())
    }
}

impl StreamEnd {
    /// The end of a response that the function has completed; if `is_received`, the client got all of it.
    pub(crate) fn of_complete(is_received: bool) -> Self {
        if is_received { Self::Complete } else { Self::ClientGone }
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
