//! Events and responses as JSON, and JSON contexts.

#[cfg(any(feature = "events", feature = "http"))]
pub(crate) mod borrowed;
pub(crate) mod path;
#[cfg(feature = "http")]
pub(crate) mod string;

use std::str::Utf8Error;

use serde::{Deserialize, Serialize};
pub use serde_json::Error;

use self::path::locate;
use crate::printable::printable;
use crate::response::Reply;

/// Reads an event, borrowed where `T` borrows.
///
/// # Errors
/// `Runtime.UnmarshalError` if the event is not JSON or not a `T`.
pub fn decode<'de, T: Deserialize<'de>>(event: &'de [u8]) -> Result<T, crate::error::Error> {
    read(event).map_err(|error| unreadable(event, &error, &read_error::<T>))
}

/// Reads JSON, borrowed where `T` borrows.
///
/// It checks once that all of it is UTF-8, which is faster than a check for each string.
///
/// # Errors
/// If `json` is not JSON or not a `T`.
pub fn read<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, Error> {
    match std::str::from_utf8(json) {
        Ok(text) => serde_json::from_str(text),
        Err(error) => Err(not_utf8(json, error)),
    }
}

/// Returns the text of an event.
///
/// # Errors
/// `Runtime.UnmarshalError` if it is not UTF-8.
#[cfg(feature = "events")]
pub(crate) fn text(event: &[u8]) -> Result<&str, crate::error::Error> {
    std::str::from_utf8(event).map_err(|error| {
        unreadable(event, &not_utf8(event, error), &read_error::<serde::de::IgnoredAny>)
    })
}

/// Returns the error with which JSON cannot be read as a `T`.
pub(crate) fn read_error<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Option<Error> {
    read::<T>(json).err()
}

#[cold]
fn not_utf8(json: &[u8], error: Utf8Error) -> Error {
    let (before, _) = json.split_at(error.valid_up_to());
    let mut lines = before.split(|byte| *byte == b'\n');
    let column = lines.next_back().map_or(0, <[u8]>::len) + 1;
    let line = lines.count() + 1;
    // `serde_json` takes the line and the column of an error out of a message that ends like this. It
    // does not document that; a test below notices if it changes.
    serde::de::Error::custom(format_args!("invalid UTF-8 at line {line} column {column}"))
}

/// Writes `value` as the response.
///
/// # Errors
/// `Runtime.MarshalError` if `value` cannot be written as JSON, like a map whose keys are not strings.
pub fn encode<T: Serialize + ?Sized>(
    value: &T,
    reply: &mut Reply,
) -> Result<(), crate::error::Error> {
    serde_json::to_writer(reply.body_mut(), value).map_err(|error| unwritable(&error))
}

/// Describes an event that cannot be read: the path, the value found and the value expected. `read` reads
/// an event in the same way again.
#[cold]
pub(crate) fn unreadable<'e>(
    event: &'e [u8],
    error: &Error,
    read: &dyn Fn(&'e [u8]) -> Option<Error>,
) -> crate::error::Error {
    let (path, error) = locate(event, error, read);
    let place = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
    // The log has it as it is, and both the path and the error quote the event.
    let message = printable(&format!("cannot read the event{place}: {error}"), usize::MAX);
    crate::error::Error::new("Runtime.UnmarshalError", message)
}

/// Describes a response that cannot be written.
pub(crate) fn unwritable(error: &Error) -> crate::error::Error {
    crate::error::Error::new("Runtime.MarshalError", format!("cannot write the response: {error}"))
}

/// A JSON context: a closed list of types, which `#[json_context]` makes from a unit struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a JSON context",
    label = "not a JSON context",
    note = "make it one: `#[json_context(…)]` on a unit struct, with the types to register"
)]
pub trait JsonContext {
    /// The registered types, as they are written in the list.
    const TYPES: &'static [&'static str];
}

/// A type that is registered in the JSON context `J`. `#[json_context]` implements it for each type of
/// its list.
///
/// A registered type needs `Deserialize` only if it is read through the context, and `Serialize` only if
/// it is written.
#[diagnostic::on_unimplemented(
    message = "type `{Self}` is not registered in `{J}`",
    label = "not registered in `{J}`",
    note = "add it: `#[json_context(…, {Self})]`"
)]
pub trait Registered<J> {}

#[cfg(feature = "events")]
impl<J> Registered<J> for serde::de::IgnoredAny {}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn refuses_json_that_is_not_utf8_with_its_place() {
        for (json, place) in [
            (&b"\xff"[..], ": invalid UTF-8 at line 1 column 1"),
            (b"{\n \"a\": [\"\xc3\x28\"]}", " at `a[0]`: invalid UTF-8 at line 2 column 9"),
        ] {
            let error = decode::<IgnoredAny>(json).unwrap_err();
            assert_eq!(error.error_type(), "Runtime.UnmarshalError");
            assert_eq!(error.message(), format!("cannot read the event{place}"));
        }
    }

    #[test]
    fn quotes_the_event_without_its_control_characters() {
        #[derive(Debug, Deserialize)]
        enum Known {}
        let error = decode::<Vec<Known>>(br#"["\u001b[2J\r\n"]"#).unwrap_err();
        let message = error.message();
        assert!(message.contains(r"unknown variant `\u{1b}[2J\r\n`"), "{message}");
        let error = decode::<IgnoredAny>(b"{\"a\n\xe2\x80\xae\": \xff}").unwrap_err();
        let message = error.message();
        assert!(message.contains(r#"at `["a\n\u{202e}"]`"#), "{message}");
    }

    #[test]
    fn serde_json_takes_line_and_column_out_of_a_message() {
        let error = read::<IgnoredAny>(b"{\n \"a\": [\"\xc3\x28\"]}").unwrap_err();
        assert_eq!((error.line(), error.column()), (2, 9));
    }
}
