//! An invocation as the page shows it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::local::lambda::{FinishedInvocation, InvocationDetails, Phases};

/// A request or an event that has its response.
#[derive(Debug)]
pub(crate) struct RecordedInvocation {
    pub(crate) id: String,
    pub(crate) finished: FinishedInvocation,
    /// The route that it took: `GET /orders/{id}`.
    pub(crate) route: Option<String>,
    /// The number of the build that responded.
    pub(crate) version: u64,
    pub(crate) request: Option<RecordedRequest>,
    /// The event that the function got.
    pub(crate) event: Option<Bytes>,
    /// The response of the function, or the error that it reported.
    pub(crate) answer: Option<Bytes>,
    pub(crate) response: Option<RecordedResponse>,
    /// Of the function, if one was invoked.
    pub(crate) details: Option<InvocationDetails>,
}

/// The request of a client.
#[derive(Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The response to a client.
#[derive(Debug)]
pub(crate) struct RecordedResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// `None` if it was streamed.
    pub(crate) body: Option<Bytes>,
}

impl RecordedInvocation {
    /// Returns about how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let headers = |headers: &HeaderMap| -> usize {
            headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
        };
        let request = self.request.as_ref();
        let response = self.response.as_ref();
        size_of::<Self>()
            + request.map_or(0, |it| it.target.len() + it.body.len() + headers(&it.headers))
            + self.event.as_ref().map_or(0, Bytes::len)
            + self.answer.as_ref().map_or(0, Bytes::len)
            + response.map_or(0, |it| it.body.as_ref().map_or(0, Bytes::len) + headers(&it.headers))
            + self.details.as_ref().map_or(0, |it| it.log.len())
    }

    /// Describes the invocation for the list.
    pub(crate) fn summary(&self) -> Value {
        let FinishedInvocation {
            time,
            source,
            status,
            function,
            duration,
            is_cold,
            is_old,
            reason,
        } = &self.finished;
        // The Invoke API responds to a failed invocation with 200.
        let has_failed = self.request.is_none() && reason.is_some();
        let shown = if has_failed { "error".to_owned() } else { status.to_string() };
        let notes = [("cold", *is_cold), ("old version", *is_old)];
        let notes: Vec<_> = notes.into_iter().filter(|(_, is)| *is).map(|(note, _)| note).collect();
        json!({
            "id": self.id,
            "time": i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
            "source": source,
            "status": shown,
            "ok": *status < 400 && reason.is_none(),
            "function": function.as_deref(),
            "duration": milliseconds(*duration),
            "memory": self.details.as_ref().and_then(|it| it.peak_memory_mb),
            "version": self.version,
            "notes": notes,
            "reason": reason,
        })
    }

    /// Describes everything that is known about the invocation.
    pub(crate) fn details(&self) -> Value {
        let mut all = match self.summary() {
            Value::Object(summary) => summary,
            _ => Map::new(),
        };
        let mut add = |name: &str, value: Value| all.insert(name.to_owned(), value);
        add("route", json!(self.route));
        add("event", self.event.as_deref().map_or(Value::Null, content));
        add("answer", self.answer.as_deref().map_or(Value::Null, content));
        if let Some(RecordedRequest { method, target, headers, body }) = &self.request {
            let headers = header_pairs(headers);
            let body = content(body);
            add(
                "request",
                json!({ "method": method, "target": target, "headers": headers, "body": body }),
            );
        }
        if let Some(RecordedResponse { status, headers, body }) = &self.response {
            let headers = header_pairs(headers);
            let body = body.as_deref().map_or(Value::Null, content);
            add("response", json!({ "status": status, "headers": headers, "body": body }));
        }
        if let Some(details) = &self.details {
            add("log", String::from_utf8_lossy(&details.log).into());
            add("report", json!(details.report));
            add("phases", details.phases.as_ref().map_or(Value::Null, phases));
        }
        Value::Object(all)
    }
}

/// The phases, one after the other, in milliseconds.
fn phases(phases: &Phases) -> Value {
    let Phases { queue, init, handler, after } = *phases;
    let mut start = Duration::ZERO;
    let mut all = Map::new();
    for (name, length) in
        [("queue", Some(queue)), ("init", init), ("handler", Some(handler)), ("after", Some(after))]
    {
        let Some(length) = length else { continue };
        let phase = json!({ "start": milliseconds(start), "length": milliseconds(length) });
        all.insert(name.to_owned(), phase);
        start += length;
    }
    Value::Object(all)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Text as it is, and anything else in base64.
pub(crate) fn content(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "text": text }),
        Err(_) => json!({ "base64": STANDARD.encode(bytes) }),
    }
}

/// The headers in their order, each with its value.
pub(crate) fn header_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(pair).collect()
}
