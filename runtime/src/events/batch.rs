//! Batches of records: the function is called for each, and the response lists those that failed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::context::Context;
use crate::error::Error;
use crate::json;
use crate::response::Reply;

/// A service that sends records in batches.
#[doc(hidden)]
pub trait Source {
    /// The name of a record's identifier.
    const ID: &'static str;

    /// Returns what identifies a record in the response.
    fn id(record: &str) -> Option<Cow<'_, str>>;

    /// Tells whether the records have to be handled in their order, by one of them.
    fn is_ordered(record: &str) -> bool;
}

#[derive(Deserialize)]
struct Batch<'e> {
    #[serde(borrow, rename = "Records")]
    records: Vec<&'e RawValue>,
}

/// Calls `handle` for each record of a batch, and responds with the list of those that failed.
///
/// # Errors
/// If no record succeeded, or one that failed cannot be listed.
pub(crate) async fn batch<'e, S: Source>(
    event: &'e [u8],
    _context: &Context,
    reply: &mut Reply,
    handle: impl AsyncFn(&'e str) -> Result<(), Error>,
) -> Result<(), Error> {
    let Batch { records } = json::decode(event)?;
    let mut failed: Vec<Cow<'e, str>> = Vec::new();
    for record in records.iter().map(|record| record.get()) {
        if let Err(error) = handle(record).await {
            failed.push(S::id(record).ok_or(error)?);
            if S::is_ordered(record) {
                break;
            }
        }
    }
    write(&failed, reply)
}

/// Writes the response.
fn write(failed: &[Cow<'_, str>], reply: &mut Reply) -> Result<(), Error> {
    let mut written = BTreeSet::new();
    let body = reply.body_mut();
    body.extend_from_slice(b"{\"batchItemFailures\":[");
    for id in failed {
        if written.insert(&**id) {
            if written.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(b"{\"itemIdentifier\":");
            serde_json::to_writer(&mut *body, &**id).map_err(|error| json::unwritable(&error))?;
            body.push(b'}');
        }
    }
    body.extend_from_slice(b"]}");
    Ok(())
}
