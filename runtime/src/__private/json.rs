//! JSON contexts.

use serde::{Deserialize, Serialize};

use crate::json::{self, Registered};
use crate::{Error, Reply};

/// The event of a handler that is not marked `http`, but whose types have the names of HTTP's; `R` is
/// the response. One trait stands for both types, so that the compiler reports one error.
#[diagnostic::on_unimplemented(
    message = "this handler is not marked `http`, and this type is not JSON",
    label = "not JSON",
    note = "if it is an HTTP request or response, mark the handler: `#[lambda_handler(http)]`",
    note = "if it is a type of your own, derive `serde::Deserialize` for an event, `serde::Serialize` for a response"
)]
pub trait JsonEvent<'de, R>: Sized {
    /// Reads the event.
    ///
    /// # Errors
    /// `Runtime.UnmarshalError` if it is not JSON or not of this type.
    fn decode(event: &'de [u8]) -> Result<Self, Error>;

    /// Writes the response.
    ///
    /// # Errors
    /// `Runtime.MarshalError` if JSON has no form for it.
    fn encode(value: &R, reply: &mut Reply) -> Result<(), Error>;
}

#[diagnostic::do_not_recommend]
impl<'de, E: Deserialize<'de>, R: Serialize> JsonEvent<'de, R> for E {
    fn decode(event: &'de [u8]) -> Result<Self, Error> {
        json::decode(event)
    }

    fn encode(value: &R, reply: &mut Reply) -> Result<(), Error> {
        json::encode(value, reply)
    }
}

/// Reads the event of a handler that seems to lack `http`.
///
/// # Errors
/// As [`JsonEvent::decode`].
pub fn decode_as<'de, E: JsonEvent<'de, R>, R>(event: &'de [u8]) -> Result<E, Error> {
    E::decode(event)
}

/// Writes the response of a handler that seems to lack `http`.
///
/// # Errors
/// As [`JsonEvent::encode`].
pub fn encode_as<'de, E: JsonEvent<'de, R>, R>(value: &R, reply: &mut Reply) -> Result<(), Error> {
    E::encode(value, reply)
}

/// Reads an event of a type that is registered in the context `J`.
///
/// # Errors
/// `Runtime.UnmarshalError` if it is not JSON or not a `T`.
pub fn decode_with<'de, J, T: Registered<J> + Deserialize<'de>>(
    event: &'de [u8],
) -> Result<T, Error> {
    json::decode(event)
}

/// Writes a response of a type that is registered in the context `J`.
///
/// # Errors
/// `Runtime.MarshalError` if JSON has no form for it.
pub fn encode_with<J>(
    value: &(impl Registered<J> + Serialize),
    reply: &mut Reply,
) -> Result<(), Error> {
    json::encode(value, reply)
}

/// Asserts that a type is registered in the context `J`.
pub const fn assert_registered<J, T: Registered<J>>() {}

/// Writes a value to bytes: `Json::to_vec`.
///
/// # Errors
/// If JSON has no form for the value.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, json::Error> {
    serde_json::to_vec(value)
}

/// Writes a value to text: `Json::to_string`.
///
/// # Errors
/// If JSON has no form for the value.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, json::Error> {
    serde_json::to_string(value)
}
