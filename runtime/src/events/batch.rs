//! Batches of records: the function is called for each, and the response lists those that failed.
//!
//! The rules are those of "Handling errors for an SQS event source in Lambda", "Configuring partial batch response
//! with Kinesis Data Streams and Lambda" and "… with DynamoDB and Lambda" in AWS's documentation.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::task::Poll;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::decode::{Arena, Decode, DecodeError, value_in};
use crate::context::Context;
use crate::error::Error;
use crate::event_loop::panic::catch_record;
use crate::json;
use crate::logging::line::log_with;
use crate::printable::printable;
use crate::response::Reply;

/// The most characters of an identifier in the log.
const LONGEST_ID: usize = 256;

/// A service that sends records in batches.
#[doc(hidden)]
pub trait Source {
    /// The name of a record's identifier.
    const ID: &'static str;

    /// The response has to list the records after the one that stopped an ordered batch, too.
    const REPORTS_THE_REST: bool;

    /// Returns what identifies a record in the response.
    fn id(record: &str) -> Option<Cow<'_, str>>;

    /// Tells whether the batch of a record has to be handled in its order, up to the first failure.
    fn is_ordered(record: &str) -> bool;
}

/// Calls `handle` for each record of a batch, one after the other, and responds with the list of those that failed.
///
/// # Errors
/// If no record succeeded, or one that failed has no identifier.
pub(crate) async fn in_sequence<'e, S: Source>(
    event: &'e [u8],
    context: &Context,
    reply: &mut Reply,
    handle: impl for<'r> AsyncFn(RecordText<'r>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut records = Records::of(event)?;
    let mut batch = Batch::<S>::new(context);
    while let Some(text) = records.next()? {
        let length = Cell::default();
        let result = catch_record(handle(RecordText::new(text, &length))).await;
        let record = records.pass(text, length.get())?;
        let stops = result.is_err() && S::is_ordered(record);
        batch.end(record, result);
        if stops || batch.fatal.is_some() {
            break;
        }
    }
    // An earlier record has failed.
    while let Some(text) = records.next()? {
        batch.keep_back(records.pass(text, 0)?);
    }
    batch.respond(reply)
}

/// Calls `handle` as [`in_sequence`] does, but for up to `concurrency` records at a time, unless they are ordered.
///
/// # Errors
/// As [`in_sequence`].
pub(crate) async fn concurrently<'e, S: Source>(
    event: &'e [u8],
    context: &Context,
    reply: &mut Reply,
    concurrency: usize,
    handle: impl for<'r> AsyncFn(RecordText<'r>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut records = Records::of(event)?;
    let mut split = Vec::new();
    while let Some(text) = records.next()? {
        split.push(records.pass(text, 0)?);
    }
    // All records of a batch are of one queue or shard.
    if concurrency < 2 || split.first().is_some_and(|record| S::is_ordered(record)) {
        return in_sequence::<S>(event, context, reply, handle).await;
    }
    let mut batch = Batch::<S>::new(context);
    batch.run_concurrently(&split, concurrency, handle).await;
    batch.respond(reply)
}

/// The text of an event that starts with a record: the record ends where decoding it does.
#[derive(Clone, Copy, Debug)]
pub struct RecordText<'r> {
    text: &'r str,
    /// The length of the record, if it was decoded.
    length: &'r Cell<usize>,
}

impl<'r> RecordText<'r> {
    fn new(text: &'r str, length: &'r Cell<usize>) -> Self {
        Self { text, length }
    }

    /// Reads the record.
    ///
    /// # Errors
    /// If it is not a `T`.
    pub(super) fn decode<T: Decode<'r>>(self, arena: &'r Arena) -> Result<T, DecodeError> {
        let (value, length) = T::from_json(self.text, arena)?;
        self.length.set(length);
        Ok(value)
    }
}

/// The records of a batch that are still to come. They are found one after the other, so that a record that is
/// decoded is read only once.
struct Records<'e> {
    event: &'e [u8],
    /// The event after the last record, or after the `[` before the first.
    rest: &'e str,
    is_first: bool,
}

impl<'e> Records<'e> {
    fn of(event: &'e [u8]) -> Result<Self, Error> {
        let text = json::text(event)?;
        let start = ["{", "\"Records\"", ":", "["];
        let rest = start.iter().try_fold(text, |rest, token| skip(rest).strip_prefix(token));
        let rest = match rest {
            Some(rest) => rest,
            // Lambda sends nothing else beside the records.
            None => records_among_others(event)?,
        };
        Ok(Self { event, rest, is_first: true })
    }

    /// Returns the event from the next record on.
    fn next(&mut self) -> Result<Option<&'e str>, Error> {
        let rest = skip(self.rest);
        if rest.starts_with(']') {
            return Ok(None);
        }
        let next = if self.is_first { Some(rest) } else { rest.strip_prefix(',').map(skip) };
        self.is_first = false;
        next.map(Some).ok_or_else(|| self.not_json())
    }

    /// Passes a record, whose length is looked for if it is zero, and returns it.
    fn pass(&mut self, text: &'e str, length: usize) -> Result<&'e str, Error> {
        let length = match length {
            0 => value_in(text).ok_or_else(|| self.not_json())?.len(),
            length => length,
        };
        let (record, rest) = text.split_at_checked(length).ok_or_else(|| self.not_json())?;
        self.rest = rest;
        Ok(record)
    }

    /// Makes the error of an event that is not JSON after all.
    #[cold]
    fn not_json(&self) -> Error {
        let error = json::decode::<IgnoredAny>(self.event).err();
        error.unwrap_or_else(|| Error::new("Runtime.UnmarshalError", "cannot read the records"))
    }
}

/// Finds the records of an event with other fields before them.
#[cold]
fn records_among_others(event: &[u8]) -> Result<&str, Error> {
    #[derive(Deserialize)]
    #[serde(expecting = "a batch of records")]
    struct Event<'e> {
        #[serde(borrow, rename = "Records")]
        records: Vec<&'e RawValue>,
    }

    let Event { records } = json::decode(event)?;
    let Some(first) = records.first() else { return Ok("]") };
    let start = first.get().as_ptr().addr() - event.as_ptr().addr();
    Ok(json::text(event)?.split_at_checked(start).unwrap_or_default().1)
}

/// Skips white space.
fn skip(json: &str) -> &str {
    json.trim_ascii_start()
}

/// A batch that is being handled.
struct Batch<'b, 'e, S> {
    context: &'b Context,
    /// The number of records.
    records: usize,
    /// The number of records that succeeded.
    succeeded: usize,
    /// The records that failed, and those that an earlier failure kept back.
    failed: Vec<&'e str>,
    /// The error of the first that failed.
    first_error: Option<Error>,
    /// The error of a record that the response cannot list.
    fatal: Option<Error>,
    source: PhantomData<S>,
}

impl<'b, 'e, S: Source> Batch<'b, 'e, S> {
    fn new(context: &'b Context) -> Self {
        Self {
            context,
            records: 0,
            succeeded: 0,
            failed: Vec::new(),
            first_error: None,
            fatal: None,
            source: PhantomData,
        }
    }

    async fn run_concurrently(
        &mut self,
        records: &[&'e str],
        concurrency: usize,
        handle: impl for<'r> AsyncFn(RecordText<'r>) -> Result<(), Error>,
    ) {
        let length = Cell::default();
        let mut waiting = records.iter().copied();
        let mut running = Vec::new();
        poll_fn(|task| {
            loop {
                while running.len() < concurrency
                    && self.fatal.is_none()
                    && let Some(record) = waiting.next()
                {
                    let call = handle(RecordText::new(record, &length));
                    running.push((record, Box::pin(catch_record(call))));
                }
                if running.is_empty() {
                    return Poll::Ready(());
                }
                let before = running.len();
                running.retain_mut(|(record, call)| match call.as_mut().poll(task) {
                    Poll::Pending => true,
                    Poll::Ready(result) => {
                        self.end(record, result);
                        false
                    }
                });
                if running.len() == before {
                    return Poll::Pending;
                }
            }
        })
        .await;
        // In their order in the event.
        self.failed.sort_unstable_by_key(|record| record.as_ptr());
    }

    /// Counts the outcome of a record, and logs a failure.
    fn end(&mut self, record: &'e str, result: Result<(), Error>) {
        self.records += 1;
        let Err(error) = result else {
            self.succeeded += 1;
            return;
        };
        let id = Self::id(record);
        let trace_id = self.context.trace_id().map(root).unwrap_or_default();
        let printable_id = printable(id.as_deref().unwrap_or_default(), LONGEST_ID);
        log_with(&self.context.request_id, [("traceId", trace_id), (S::ID, &printable_id)], &error);
        if id.is_none() {
            self.fatal.get_or_insert_with(|| unlisted::<S>(&error));
        }
        self.failed.push(record);
        self.first_error.get_or_insert(error);
    }

    /// Counts a record that is not handled, as an earlier one has failed.
    fn keep_back(&mut self, record: &'e str) {
        self.records += 1;
        if S::REPORTS_THE_REST {
            self.failed.push(record);
        }
    }

    /// Returns what identifies a record. Lambda takes an empty identifier for the failure of the whole batch.
    fn id(record: &str) -> Option<Cow<'_, str>> {
        S::id(record).filter(|id| !id.is_empty())
    }

    /// Writes the list of the records that failed.
    fn respond(self, reply: &mut Reply) -> Result<(), Error> {
        if let Some(fatal) = self.fatal {
            return Err(fatal);
        }
        if self.succeeded == 0
            && let Some(error) = self.first_error
        {
            return Err(match self.records {
                1 => error,
                records => {
                    let message = format!("none of the {records} records succeeded");
                    let mut failure = Error::new("BatchFailed", message);
                    failure.add_cause(error.to_string());
                    failure
                }
            });
        }
        let mut listed = BTreeSet::new();
        let body = reply.body_mut();
        body.extend_from_slice(b"{\"batchItemFailures\":[");
        for record in self.failed {
            let Some(id) = Self::id(record) else {
                let kept_back = Error::new("BatchStopped", "an earlier record failed");
                return Err(unlisted::<S>(&kept_back));
            };
            if listed.contains(&id) {
                continue;
            }
            body.extend_from_slice(if listed.is_empty() {
                b"{\"itemIdentifier\":"
            } else {
                b",{\"itemIdentifier\":"
            });
            serde_json::to_writer(&mut *body, &id).map_err(|error| json::unwritable(&error))?;
            body.push(b'}');
            listed.insert(id);
        }
        body.extend_from_slice(b"]}");
        Ok(())
    }
}

/// Makes the error of a batch with a failed record that the response cannot list. Lambda then keeps all records.
fn unlisted<S: Source>(error: &Error) -> Error {
    let message = format!("a record that failed has no `{}`, so the whole batch fails", S::ID);
    let mut unlisted = Error::new("BatchFailed", message);
    unlisted.add_cause(error.to_string());
    unlisted
}

/// Returns the trace id in an X-Ray tracing header: `1-…` in `Root=1-…;Parent=…`.
fn root(header: &str) -> &str {
    header.split(';').find_map(|field| field.strip_prefix("Root=")).unwrap_or(header)
}
