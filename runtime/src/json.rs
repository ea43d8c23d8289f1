//! Events and replies as JSON.

use serde::{Deserialize, Serialize};

use crate::json_path::path_at;
use crate::{Failure, Reply};

/// Reads an event: borrowed where `T` borrows.
///
/// # Errors
/// `Runtime.UnmarshalError` if the event is not JSON or not a `T`.
pub fn decode<'de, T: Deserialize<'de>>(event: &'de [u8]) -> Result<T, Failure> {
    serde_json::from_slice(event).map_err(|error| unreadable(event, &error))
}

/// What is said of an event that cannot be read: where, what was found, what was expected.
fn unreadable(event: &[u8], error: &serde_json::Error) -> Failure {
    let path = path_at(event, error.line(), error.column());
    let place = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
    Failure::new("Runtime.UnmarshalError", format!("cannot read the event{place}: {error}"))
}

/// Writes `value` as the reply.
///
/// # Errors
/// `Runtime.MarshalError` if `value` cannot be written as JSON, such as a map whose keys are not
/// strings.
pub fn encode<T: Serialize + ?Sized>(value: &T, reply: &mut Reply) -> Result<(), Failure> {
    serde_json::to_writer(reply.body_mut(), value).map_err(|error| {
        Failure::new("Runtime.MarshalError", format!("cannot write the reply: {error}"))
    })
}
