//! The record of a request while it is served.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Bytes;
use hyper::http::request::Parts;
use uuid::Uuid;

use super::Console;
use super::head::Head;
use super::recorded::{
    Arrival, Outcome, Progress, RecordedInvocation, RecordedResponse, RecordedStream, Source,
    StreamEnd,
};
use crate::local::lambda::InvocationDetails;

/// Records a request or an event from its arrival to its outcome; without a console, does nothing. Dropping it
/// before the outcome means that the client has gone.
#[derive(Debug)]
pub(crate) struct Recording {
    arrival: Arrival,
    /// The function that it is for.
    pub(crate) function: Option<Arc<str>>,
    /// The route that it takes.
    pub(crate) route: Option<String>,
    /// The body of the request.
    pub(crate) body: Bytes,
    /// The response or the error of the function, unless it streams.
    pub(crate) answer: Option<Bytes>,
    entry: Entry,
}

/// The place of a record.
#[derive(Debug)]
enum Entry {
    /// There is no console, or the record is complete.
    None,
    Outside(Arc<Console>),
    Within(Arc<Console>, Arc<RecordedInvocation>),
}

/// Records a streamed response. Dropping it means that the response was cut off.
#[derive(Debug)]
pub(crate) struct StreamRecording(Option<(Arc<Console>, Arc<RecordedInvocation>)>);

impl Recording {
    pub(crate) fn new(console: Option<&Arc<Console>>, arrival: Arrival) -> Self {
        Self {
            arrival,
            function: None,
            route: None,
            body: Bytes::new(),
            answer: None,
            entry: console.map_or(Entry::None, |console| Entry::Outside(Arc::clone(console))),
        }
    }

    /// Returns whether there is a console that shows the request.
    pub(crate) fn is_on(&self) -> bool {
        !matches!(self.entry, Entry::None)
    }

    /// Shows a request whose function is invoked with this event.
    pub(crate) fn begin_request(&mut self, head: &Parts, id: &str, event: &Bytes) {
        if self.is_on() {
            let source = Source::request(Head::of_request(head), &self.body);
            self.begin(source, id, Some(event));
        }
    }

    /// Shows an event that is sent to a function.
    pub(crate) fn begin_event(
        &mut self,
        source: impl Into<Cow<'static, str>>,
        id: &str,
        event: &Bytes,
    ) {
        if self.is_on() {
            self.begin(Source::Event(source.into()), id, Some(event));
        }
    }

    fn begin(&mut self, source: Source, id: &str, event: Option<&Bytes>) {
        let entry = std::mem::replace(&mut self.entry, Entry::None);
        self.entry = match entry {
            Entry::Outside(console) => {
                let (function, route) = (self.function.take(), self.route.take());
                let arrival = self.arrival;
                let record = RecordedInvocation::new(arrival, id, source, function, route, event);
                let record = Arc::new(record);
                console.history.add(Arc::clone(&record));
                Entry::Within(console, record)
            }
            entry => entry,
        };
    }

    /// Returns the function that takes the log and the figures of the invocation.
    pub(crate) fn on_over(&self) -> impl FnOnce(InvocationDetails) + Send + use<> {
        let record = self.record();
        move |details| {
            if let Some((console, record)) = record {
                console.history.update(&record, |progress| {
                    progress.awaits_details = false;
                    progress.details = Some(details);
                });
            }
        }
    }

    /// Records the response as it is streamed. The function has sent this `prelude`, if any.
    pub(crate) fn stream(&self, prelude: Option<Bytes>) -> StreamRecording {
        let stream = StreamRecording(self.record());
        stream.update(|progress, _| {
            progress.answer = prelude;
            progress.stream = Some(RecordedStream::default());
        });
        stream
    }

    /// Takes the record to a task that goes on after the response.
    pub(crate) fn detach(&mut self) -> Self {
        let entry = std::mem::replace(&mut self.entry, Entry::None);
        Self {
            arrival: self.arrival,
            function: self.function.take(),
            route: self.route.take(),
            body: std::mem::take(&mut self.body),
            answer: self.answer.take(),
            entry,
        }
    }

    /// Returns when the request has arrived.
    pub(crate) fn started(&self) -> Instant {
        self.arrival.started
    }

    /// Completes the record of a request, even if no function was invoked. Returns the id of the record.
    pub(crate) fn end_request(
        mut self,
        head: &Parts,
        outcome: Outcome,
        response: RecordedResponse,
    ) -> Option<String> {
        if matches!(self.entry, Entry::Outside(_)) {
            let source = Source::request(Head::of_request(head), &self.body);
            self.begin(source, &Uuid::new_v4().to_string(), None);
        }
        self.end(outcome, Some(response))
    }

    /// Completes the record of an event, even if no function was invoked. Returns the id of the record.
    pub(crate) fn end_event(
        mut self,
        source: impl Into<Cow<'static, str>>,
        outcome: Outcome,
    ) -> Option<String> {
        if matches!(self.entry, Entry::Outside(_)) {
            self.begin(Source::Event(source.into()), &Uuid::new_v4().to_string(), None);
        }
        self.end(outcome, None)
    }

    fn end(&mut self, outcome: Outcome, response: Option<RecordedResponse>) -> Option<String> {
        let Entry::Within(console, record) = std::mem::replace(&mut self.entry, Entry::None) else {
            return None;
        };
        let answer = self.answer.take();
        console.history.update(&record, |progress| {
            progress.answer = answer.or(progress.answer.take());
            progress.response = response;
            progress.outcome = Some(outcome);
        });
        Some(record.id.clone())
    }

    fn record(&self) -> Option<(Arc<Console>, Arc<RecordedInvocation>)> {
        match &self.entry {
            Entry::Within(console, record) => Some((Arc::clone(console), Arc::clone(record))),
            Entry::None | Entry::Outside(_) => None,
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let outcome = Outcome {
            status: None,
            duration: self.arrival.started.elapsed(),
            is_cold: false,
            reason: Some("the client has closed the connection".to_owned()),
        };
        self.end(outcome, None);
    }
}

impl StreamRecording {
    /// Adds a part of the body.
    pub(crate) fn add(&self, part: &[u8]) {
        self.update(|progress, after| {
            if let Some(stream) = &mut progress.stream {
                stream.add(part, after);
            }
        });
    }

    /// Records the end of the body.
    pub(crate) fn end(mut self, end: StreamEnd) {
        self.finish(end);
    }

    fn finish(&mut self, end: StreamEnd) {
        self.update(|progress, after| {
            if let Some(stream) = &mut progress.stream {
                stream.last = after;
                stream.end = Some(end);
            }
        });
        self.0 = None;
    }

    fn update(&self, change: impl FnOnce(&mut Progress, std::time::Duration)) {
        if let Some((console, record)) = &self.0 {
            let after = record.arrival.started.elapsed();
            console.history.update(record, |progress| change(progress, after));
        }
    }
}

impl Drop for StreamRecording {
    fn drop(&mut self) {
        self.finish(StreamEnd::CutOff);
    }
}
