//! Batches of records: the function is called for each, and the response lists those that failed.
//!
//! The rules are those of "Handling errors for an SQS event source in Lambda", "Configuring partial batch response
//! with Kinesis Data Streams and Lambda" and "… with DynamoDB and Lambda" in AWS's documentation.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::task::Poll;

use serde::Deserialize;
use serde_json::value::RawValue;

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

/// The records, which stay text.
#[derive(Deserialize)]
struct Records<'e> {
    #[serde(borrow, rename = "Records")]
    records: Vec<&'e RawValue>,
}

/// Calls `handle` for each record of a batch, one after the other, and responds with the list of those that failed.
///
/// # Errors
/// If no record succeeded, or one that failed has no identifier.
pub(crate) async fn in_sequence<'e, S: Source>(
    event: &'e [u8],
    context: &Context,
    reply: &mut Reply,
    handle: impl AsyncFn(&'e str) -> Result<(), Error>,
) -> Result<(), Error> {
    let Records { records } = json::decode(event)?;
    let mut batch = Batch::<S>::new(&records, context);
    batch.run(handle).await;
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
    handle: impl AsyncFn(&'e str) -> Result<(), Error>,
) -> Result<(), Error> {
    let Records { records } = json::decode(event)?;
    let mut batch = Batch::<S>::new(&records, context);
    if batch.is_ordered || concurrency < 2 {
        batch.run(handle).await;
    } else {
        batch.run_concurrently(concurrency, handle).await;
    }
    batch.respond(reply)
}

/// A batch that is being handled.
struct Batch<'b, 'e, S> {
    records: &'b [&'e RawValue],
    context: &'b Context,
    is_ordered: bool,
    /// The number of records that succeeded.
    succeeded: usize,
    /// The positions of those that failed, and of those that an earlier failure kept back.
    failed: Vec<usize>,
    /// The error of the first that failed.
    first_error: Option<Error>,
    /// The error of a record that the response cannot list.
    fatal: Option<Error>,
    source: PhantomData<S>,
}

impl<'b, 'e, S: Source> Batch<'b, 'e, S> {
    fn new(records: &'b [&'e RawValue], context: &'b Context) -> Self {
        Self {
            records,
            context,
            // All records of a batch are of one queue or shard.
            is_ordered: records.first().is_some_and(|record| S::is_ordered(record.get())),
            succeeded: 0,
            failed: Vec::new(),
            first_error: None,
            fatal: None,
            source: PhantomData,
        }
    }

    async fn run(&mut self, handle: impl AsyncFn(&'e str) -> Result<(), Error>) {
        for (index, record) in self.records.iter().enumerate() {
            let result = catch_record(handle(record.get())).await;
            let stops = result.is_err() && self.is_ordered;
            self.end(index, result);
            if self.fatal.is_some() {
                return;
            }
            if stops {
                if S::REPORTS_THE_REST {
                    self.failed.extend(index + 1..self.records.len());
                }
                return;
            }
        }
    }

    async fn run_concurrently(
        &mut self,
        concurrency: usize,
        handle: impl AsyncFn(&'e str) -> Result<(), Error>,
    ) {
        let mut waiting = self.records.iter().enumerate();
        let mut running = Vec::new();
        poll_fn(|task| {
            loop {
                while running.len() < concurrency
                    && self.fatal.is_none()
                    && let Some((index, record)) = waiting.next()
                {
                    running.push((index, Box::pin(catch_record(handle(record.get())))));
                }
                if running.is_empty() {
                    return Poll::Ready(());
                }
                let before = running.len();
                running.retain_mut(|(index, call)| match call.as_mut().poll(task) {
                    Poll::Pending => true,
                    Poll::Ready(result) => {
                        self.end(*index, result);
                        false
                    }
                });
                if running.len() == before {
                    return Poll::Pending;
                }
            }
        })
        .await;
        self.failed.sort_unstable();
    }

    /// Counts the outcome of a record, and logs a failure.
    fn end(&mut self, index: usize, result: Result<(), Error>) {
        let Err(error) = result else {
            self.succeeded += 1;
            return;
        };
        let id = self.id(index);
        let trace_id = self.context.trace_id().map(root).unwrap_or_default();
        let printable_id = printable(id.as_deref().unwrap_or_default(), LONGEST_ID);
        log_with(&self.context.request_id, [("traceId", trace_id), (S::ID, &printable_id)], &error);
        if id.is_none() {
            self.fatal.get_or_insert_with(|| unlisted::<S>(&error));
        }
        self.failed.push(index);
        self.first_error.get_or_insert(error);
    }

    /// Returns what identifies a record. Lambda takes an empty identifier for the failure of the whole batch.
    fn id(&self, index: usize) -> Option<Cow<'e, str>> {
        S::id(self.records.get(index)?.get()).filter(|id| !id.is_empty())
    }

    /// Writes the list of the records that failed.
    fn respond(self, reply: &mut Reply) -> Result<(), Error> {
        if let Some(fatal) = self.fatal {
            return Err(fatal);
        }
        if self.succeeded == 0
            && let Some(error) = self.first_error
        {
            return Err(match self.records.len() {
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
        for index in &self.failed {
            let Some(id) = self.id(*index) else {
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
