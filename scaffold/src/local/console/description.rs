//! An invocation as the page shows it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::head;
use super::recorded::{Outcome, Record, RecordedInvocation, RecordedStream, StreamEnd};
use super::texts::Text;
use crate::local::lambda::Phases;

impl RecordedInvocation {
    /// Describes the invocation for the list.
    pub(crate) fn summary(&self) -> Value {
        Value::Object(self.lock().summarize())
    }

    /// Describes everything that is known about the invocation.
    pub(crate) fn details(&self) -> Value {
        Value::Object(self.lock().describe())
    }
}

impl Record {
    fn summarize(&self) -> Map<String, Value> {
        let Self { outcome, stream, .. } = self;
        let is_streaming = self.is_streaming();
        let notes = [
            ("cold", outcome.as_ref().is_some_and(|it| it.is_cold)),
            ("old version", self.arrival.is_old && self.function.is_some()),
            ("streaming", is_streaming),
        ];
        let notes: Vec<_> = notes.into_iter().filter(|(_, is)| *is).map(|(note, _)| note).collect();
        let is_cut_off =
            stream.as_ref().is_some_and(|it| matches!(it.end, Some(StreamEnd::CutOff)));
        let ended = outcome.as_ref().filter(|_| !is_streaming);
        let duration = ended.map(|it| stream.as_ref().map_or(it.duration, |stream| stream.last));
        let failure = is_cut_off.then_some("the function cut off its response");
        let reason = outcome.as_ref().and_then(|it| it.reason.as_deref()).or(failure);
        let time = self.arrival.time.unix_timestamp_nanos() / 1_000_000;
        let summary = json!({
            "id": self.texts.get_str(Text::Id),
            "time": i64::try_from(time).unwrap_or_default(),
            "source": self.source_name(),
            "status": outcome.as_ref().map_or_else(|| "running".to_owned(), |it| self.status(it)),
            "ok": outcome.as_ref().is_none_or(|it| it.status.is_some_and(|it| it < 400)) && reason.is_none(),
            "running": ended.is_none(),
            "function": self.function.as_deref(),
            "duration": duration.map(milliseconds),
            "memory": self.peak_memory_mb,
            "version": self.arrival.version,
            "notes": notes,
            "reason": reason,
        });
        match summary {
            Value::Object(summary) => summary,
            _ => Map::new(),
        }
    }

    fn source_name(&self) -> String {
        match self.texts.get(Text::RequestHead) {
            Some(head) => head::first_line(head),
            None => self.texts.get_str(Text::Sender).unwrap_or_default().into_owned(),
        }
    }

    fn status(&self, outcome: &Outcome) -> String {
        // The Invoke API responds to a failed invocation with 200.
        let has_failed = self.texts.get(Text::Sender).is_some() && outcome.reason.is_some();
        match outcome.status {
            None => "closed".to_owned(),
            Some(_) if has_failed => "error".to_owned(),
            Some(status) => status.to_string(),
        }
    }

    fn describe(&self) -> Map<String, Value> {
        let Self { texts, stream, .. } = self;
        let mut all = self.summarize();
        let mut add = |name: &str, value: Value| all.insert(name.to_owned(), value);
        let body = |text| texts.get(text).map_or(Value::Null, content);
        add("route", json!(texts.get_str(Text::Route)));
        add("event", body(Text::Event));
        add("answer", body(Text::Answer));
        if let Some(head) = texts.get(Text::RequestHead) {
            let (first, headers) = head::parse(head);
            let (method, target) = first.split_once(' ').unwrap_or((&first, "/"));
            let body = body(Text::RequestBody);
            add(
                "request",
                json!({ "method": method, "target": target, "headers": headers, "body": body }),
            );
        }
        let streamed = stream.as_ref().map_or(Value::Null, |stream| partial(&stream.kept));
        if let Some(head) = texts.get(Text::ResponseHead) {
            let (status, headers) = head::parse(head);
            let body = texts.get(Text::ResponseBody).map_or(streamed, content);
            let status = status.parse::<u16>().ok();
            add("response", json!({ "status": status, "headers": headers, "body": body }));
        } else if stream.is_some() {
            add("answer", streamed);
        }
        if let Some(stream) = stream {
            add("stream", describe_stream(stream));
        }
        if let Some(log) = texts.get_str(Text::Log) {
            add("log", json!(log));
            add("report", json!(texts.get_str(Text::Report)));
            let phases = self.phases.as_ref();
            add("phases", phases.map_or(Value::Null, |it| describe_phases(it, stream.as_deref())));
        }
        all
    }
}

fn describe_stream(stream: &RecordedStream) -> Value {
    let RecordedStream { kept, length, parts, first, end, .. } = stream;
    let end = end.map(|end| match end {
        StreamEnd::Complete => "complete",
        StreamEnd::CutOff => "cut off by the function",
        StreamEnd::ClientGone => "not received: the client has closed the connection",
    });
    json!({
        "length": length,
        "kept": kept.len(),
        "parts": parts,
        "first": first.map(milliseconds),
        "end": end,
    })
}

/// The phases, one after the other, in milliseconds. A response is streamed after the handler has started it.
fn describe_phases(phases: &Phases, stream: Option<&RecordedStream>) -> Value {
    let Phases { queue, init, handler, after } = *phases;
    let streamed = stream.and_then(|it| Some(it.last.saturating_sub(it.first?).min(after)));
    let after = after.saturating_sub(streamed.unwrap_or_default());
    let mut start = Duration::ZERO;
    let mut all = Map::new();
    for (name, length) in [
        ("queue", Some(queue)),
        ("init", init),
        ("handler", Some(handler)),
        ("stream", streamed),
        ("after", Some(after)),
    ] {
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

/// The same for the beginning of a body, which can end within a character.
fn partial(bytes: &[u8]) -> Value {
    let end = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    content(bytes.get(..end).unwrap_or(bytes))
}

/// The headers in their order, each with its value.
pub(crate) fn header_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(pair).collect()
}
