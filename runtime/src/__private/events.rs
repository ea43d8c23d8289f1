//! Handlers that are marked with the source of their events.

use crate::events::batch::{self, Source};
use crate::json::{self, Registered};
use crate::{Context, Error, Reply};

pub use crate::events::dynamodb::DynamoDb;
pub use crate::events::kinesis::Kinesis;
pub use crate::events::sqs::Sqs;
pub use crate::events::{Arena, Decode};

/// Calls `handle` for each record of a batch, up to `concurrency` at a time, and responds with the list of those
/// that failed.
///
/// # Errors
/// If no record succeeded, or one that failed cannot be listed.
pub async fn batch<'e, S: Source>(
    event: &'e [u8],
    context: &Context,
    reply: &mut Reply,
    _concurrency: usize,
    handle: impl AsyncFn(&'e str) -> Result<(), Error>,
) -> Result<(), Error> {
    batch::batch::<S>(event, context, reply, handle).await
}

/// Reads a record of a batch.
///
/// # Errors
/// `Runtime.UnmarshalError` if it is not a `T`.
pub fn decode_record<'a, T: Decode<'a>>(record: &'a str, arena: &'a Arena) -> Result<T, Error> {
    T::from_json(record, arena).map_err(|error| error.into_error("record"))
}

/// Reads a record of a batch whose body is registered in the context `J`.
///
/// # Errors
/// As [`decode_record`].
pub fn decode_record_with<'a, J, T: Registered<J> + Decode<'a>>(
    record: &'a str,
    arena: &'a Arena,
) -> Result<T, Error> {
    decode_record(record, arena)
}

/// Reads an event.
///
/// # Errors
/// `Runtime.UnmarshalError` if it is not a `T`.
pub fn decode_event<'a, T: Decode<'a>>(event: &'a [u8], arena: &'a Arena) -> Result<T, Error> {
    let event = json::text(event)?;
    T::from_json(event, arena).map_err(|error| error.into_error("event"))
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
