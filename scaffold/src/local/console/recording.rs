//! The record of a request while it is served.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use uuid::Uuid;

use super::recorded::{Arrival, Outcome, Record, RecordedInvocation, StreamEnd};
use super::texts::{Text, Texts};
use super::{Console, head};
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
        let body = std::mem::take(&mut self.body);
        self.begin(id, Some(event), |texts| add_request(texts, head, &body));
    }

    /// Shows an event that is sent to a function.
    pub(crate) fn begin_event(&mut self, sender: &str, id: &str, event: &Bytes) {
        self.begin(id, Some(event), |texts| texts.add(Text::Sender, sender.as_bytes()));
    }

    fn begin(&mut self, id: &str, event: Option<&Bytes>, add_source: impl FnOnce(&mut Texts)) {
        let entry = std::mem::replace(&mut self.entry, Entry::None);
        self.entry = match entry {
            Entry::Outside(console) => {
                let record = console.history.add(self.arrival, |record| {
                    record.function = self.function.take();
                    record.awaits_details = event.is_some();
                    record.texts.add(Text::Id, id.as_bytes());
                    if let Some(route) = self.route.take() {
                        record.texts.add(Text::Route, route.as_bytes());
                    }
                    if let Some(event) = event {
                        record.texts.add_body(Text::Event, event);
                    }
                    add_source(&mut record.texts);
                });
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
                console.history.update(&record, |record| record.add_details(&details));
            }
        }
    }

    /// Records the response as it is streamed. The function has sent this `prelude`, if any.
    pub(crate) fn stream(&self, prelude: Option<Bytes>) -> StreamRecording {
        let stream = StreamRecording(self.record());
        stream.update(|record, _| {
            record.add_answer(prelude.as_ref());
            record.stream = Some(Box::default());
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
    ///
    /// The body of a response that is streamed is not part of it.
    pub(crate) fn end_request<B>(
        mut self,
        head: &Parts,
        outcome: Outcome,
        response: &Response<B>,
        response_body: Option<&Bytes>,
    ) -> Option<String> {
        if matches!(self.entry, Entry::Outside(_)) {
            let body = std::mem::take(&mut self.body);
            let id = Uuid::new_v4().to_string();
            self.begin(&id, None, |texts| add_request(texts, head, &body));
        }
        self.end(outcome, |texts| {
            texts.write(Text::ResponseHead, |out| head::write_response(response, out));
            if let Some(body) = response_body {
                texts.add_body(Text::ResponseBody, body);
            }
        })
    }

    /// Completes the record of an event, even if no function was invoked. Returns the id of the record.
    pub(crate) fn end_event(mut self, sender: &str, outcome: Outcome) -> Option<String> {
        if matches!(self.entry, Entry::Outside(_)) {
            let id = Uuid::new_v4().to_string();
            self.begin(&id, None, |texts| texts.add(Text::Sender, sender.as_bytes()));
        }
        self.end(outcome, |_| ())
    }

    fn end(&mut self, outcome: Outcome, add_response: impl FnOnce(&mut Texts)) -> Option<String> {
        let Entry::Within(console, record) = std::mem::replace(&mut self.entry, Entry::None) else {
            return None;
        };
        let answer = self.answer.take();
        console.history.update(&record, |record| {
            record.add_answer(answer.as_ref());
            add_response(&mut record.texts);
            record.outcome = Some(outcome);
            record.texts.get_str(Text::Id).map(Cow::into_owned)
        })
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
        self.end(outcome, |_| ());
    }
}

fn add_request(texts: &mut Texts, head: &Parts, body: &Bytes) {
    texts.write(Text::RequestHead, |out| head::write_request(head, out));
    texts.add_body(Text::RequestBody, body);
}

impl StreamRecording {
    /// Adds a part of the body.
    pub(crate) fn add(&self, part: &[u8]) {
        self.update(|record, after| {
            if let Some(stream) = &mut record.stream {
                stream.add(part, after);
            }
        });
    }

    /// Records the end of the body.
    pub(crate) fn end(mut self, end: StreamEnd) {
        self.finish(end);
    }

    fn finish(&mut self, end: StreamEnd) {
        self.update(|record, after| {
            if let Some(stream) = &mut record.stream {
                stream.last = after;
                stream.end = Some(end);
            }
        });
        self.0 = None;
    }

    fn update(&self, change: impl FnOnce(&mut Record, Duration)) {
        if let Some((console, record)) = &self.0 {
            console.history.update(record, |record| {
                let after = record.arrival.started.elapsed();
                change(record, after);
            });
        }
    }
}

impl Drop for StreamRecording {
    fn drop(&mut self) {
        self.finish(StreamEnd::CutOff);
    }
}
