//! Events and replies as JSON, and JSON contexts.

use std::str::Utf8Error;

use serde::{Deserialize, Serialize};
pub use serde_json::Error;

use crate::json_path::path_at;
use crate::{Failure, Reply};

/// Reads an event: borrowed where `T` borrows.
///
/// # Errors
/// `Runtime.UnmarshalError` if the event is not JSON or not a `T`.
pub fn decode<'de, T: Deserialize<'de>>(event: &'de [u8]) -> Result<T, Failure> {
    read(event).map_err(|error| unreadable(event, &error))
}

/// Reads JSON, borrowed where `T` borrows.
///
/// Whether it is UTF-8 is looked at once for all of it: for each string by itself takes longer.
///
/// # Errors
/// If `json` is not JSON or not a `T`.
pub fn read<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, Error> {
    match std::str::from_utf8(json) {
        Ok(text) => serde_json::from_str(text),
        Err(error) => Err(not_utf8(json, error)),
    }
}

#[cold]
fn not_utf8(json: &[u8], error: Utf8Error) -> Error {
    let before = json.get(..error.valid_up_to()).unwrap_or_default();
    let mut lines = before.split(|byte| *byte == b'\n');
    let column = lines.next_back().map_or(0, <[u8]>::len) + 1;
    let line = lines.count() + 1;
    serde::de::Error::custom(format_args!("invalid UTF-8 at line {line} column {column}"))
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

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn json_that_is_not_utf8_is_refused_at_its_place() {
        for (json, place) in [
            (&b"\xff"[..], ": invalid UTF-8 at line 1 column 1"),
            (b"{\n \"a\": [\"\xc3\x28\"]}", " at `a[0]`: invalid UTF-8 at line 2 column 9"),
        ] {
            let failure = decode::<IgnoredAny>(json).unwrap_err();
            assert_eq!(failure.error_type(), "Runtime.UnmarshalError");
            assert_eq!(failure.message(), format!("cannot read the event{place}"));
        }
    }
}
