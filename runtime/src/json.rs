//! Events and replies as JSON, and JSON contexts.

use serde::{Deserialize, Serialize};
pub use serde_json::Error;

use crate::json_path::path_at;
use crate::{Failure, Reply};

/// Reads an event: borrowed where `T` borrows.
///
/// # Errors
/// `Runtime.UnmarshalError` if the event is not JSON or not a `T`.
pub fn decode<'de, T: Deserialize<'de>>(event: &'de [u8]) -> Result<T, Failure> {
    serde_json::from_slice(event).map_err(|error| unreadable(event, &error))
}

/// Writes `value` as the reply.
///
/// # Errors
/// `Runtime.MarshalError` if `value` cannot be written as JSON, such as a map whose keys are not
/// strings.
pub fn encode<T: Serialize + ?Sized>(value: &T, reply: &mut Reply<'_>) -> Result<(), Failure> {
    serde_json::to_writer(reply.body_mut(), value).map_err(|error| unwritable(&error))
}

/// What is said of an event that cannot be read: where, what was found, what was expected.
pub(crate) fn unreadable(event: &[u8], error: &Error) -> Failure {
    let path = path_at(event, error.line(), error.column());
    let place = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
    Failure::new("Runtime.UnmarshalError", format!("cannot read the event{place}: {error}"))
}

/// What is said of a reply that cannot be written.
pub(crate) fn unwritable(error: &Error) -> Failure {
    Failure::new("Runtime.MarshalError", format!("cannot write the reply: {error}"))
}

/// A JSON context: a closed list of types, which `#[json_context]` makes of a unit struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a JSON context",
    label = "not a JSON context",
    note = "make it one: `#[json_context(…)]` on a unit struct, with the types to register"
)]
pub trait JsonContext {
    /// The registered types, as they are written in the list.
    const TYPES: &'static [&'static str];
}

/// That a type is registered in the JSON context `J`, with its code: `#[json_context]` implements it
/// for each type of its list.
#[diagnostic::on_unimplemented(
    message = "type `{Self}` is not registered in `{J}`",
    label = "not registered in `{J}`",
    note = "add it: `#[json_context(…, {Self})]`"
)]
pub trait Registered<'de, J>: Sized {
    /// Reads a value, borrowed from `json` where its type borrows.
    ///
    /// # Errors
    /// If `json` is not JSON or not of the type.
    fn decode(json: &'de [u8]) -> Result<Self, Error>;

    /// Writes the value to the end of `json`.
    ///
    /// # Errors
    /// If JSON has no form for the value.
    fn encode(&self, json: &mut Vec<u8>) -> Result<(), Error>;
}
