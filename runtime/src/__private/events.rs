//! Handlers that are marked with the source of their events.

use crate::events::batch;
use crate::json::Registered;
use crate::{Context, Error, Reply};

pub use crate::events::batch::{RecordText, Source};
pub use crate::events::dynamodb::DynamoDb;
pub use crate::events::kinesis::Kinesis;
pub use crate::events::sqs::Sqs;
pub use crate::events::{Arena, Decode, decode_event, decode_record};

/// Calls `handle` for each record of a batch, and responds with the list of those that failed.
///
/// # Errors
/// If no record succeeded, or one that failed has no identifier.
pub async fn batch<S: Source>(
    event: &[u8],
    context: &Context,
    reply: &mut Reply,
    handle: impl for<'r> AsyncFn(RecordText<'r>) -> Result<(), Error>,
) -> Result<(), Error> {
    batch::in_sequence::<S>(event, context, reply, handle).await
}

/// Calls `handle` as `batch` does, but for up to `concurrency` records at a time.
///
/// # Errors
/// As `batch`.
pub async fn concurrent_batch<S: Source>(
    event: &[u8],
    context: &Context,
    reply: &mut Reply,
    concurrency: usize,
    handle: impl for<'r> AsyncFn(RecordText<'r>) -> Result<(), Error>,
) -> Result<(), Error> {
    batch::concurrently::<S>(event, context, reply, concurrency, handle).await
}

/// Reads a record of a batch whose body is registered in the context `J`.
///
/// # Errors
/// As [`decode_record`].
pub fn decode_record_with<'a, J, T: Registered<J> + Decode<'a>>(
    record: RecordText<'a>,
    arena: &'a Arena,
) -> Result<T, Error> {
    decode_record(record, arena)
}

/// Reads an event that is registered in the context `J`.
///
/// # Errors
/// As [`decode_event`].
pub fn decode_event_with<'a, J, T: Registered<J> + Decode<'a>>(
    event: &'a [u8],
    arena: &'a Arena,
) -> Result<T, Error> {
    decode_event(event, arena)
}

/// The return type of a function that handles a record.
#[diagnostic::on_unimplemented(
    message = "a handler of records returns nothing: the response lists the records that failed",
    label = "not `()`",
    note = "return nothing or a `Result<(), …>`"
)]
pub trait Handled {}

impl Handled for () {}

/// Drops the output of a function that handled a record.
///
/// # Errors
/// Never fails.
pub fn handled(_: impl Handled) -> Result<(), Error> {
    Ok(())
}
