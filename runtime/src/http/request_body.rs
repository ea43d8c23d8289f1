//! The body of a request, which is decoded when somebody asks for it.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use super::body::Body;
use super::event::RawBody;
use crate::error::Error;
use crate::json::borrowed::Str;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The body of a request.
#[derive(Clone)]
pub(super) enum RequestBody<'a> {
    /// A body that a test gave.
    Plain(Body<'a>),
    /// The `body` of an event.
    Event { json: RawBody<'a>, is_base64: bool, decoded: OnceLock<Decoded> },
}

/// The decoded body of an event. It borrows nothing, so that a longer-lived [`Request`](super::Request)
/// still stands for a shorter-lived one.
#[derive(Clone)]
pub(super) enum Decoded {
    /// The text between the quotes, which has no escapes.
    Verbatim,
    Text(String),
    Bytes(Vec<u8>),
}

impl<'a> RequestBody<'a> {
    pub(super) fn of_event(json: Option<RawBody<'a>>, is_base64: bool) -> Self {
        match json {
            None => Self::Plain(Body::empty()),
            Some(json) => Self::Event { json, is_base64, decoded: OnceLock::new() },
        }
    }

    /// Returns the bytes.
    pub(super) fn as_bytes(&self) -> Result<&[u8], Error> {
        match self {
            Self::Plain(body) => Ok(body.as_bytes()),
            Self::Event { json, is_base64, decoded } => {
                match decode_once(*json, *is_base64, decoded)? {
                    Decoded::Verbatim => Ok(json.between_quotes().as_bytes()),
                    Decoded::Text(text) => Ok(text.as_bytes()),
                    Decoded::Bytes(bytes) => Ok(bytes),
                }
            }
        }
    }

    /// Returns the text, if the event or the test has the body as text.
    pub(super) fn as_text(&self) -> Result<Option<&str>, Error> {
        match self {
            Self::Plain(body) => Ok(body.as_text()),
            Self::Event { json, is_base64, decoded } => {
                match decode_once(*json, *is_base64, decoded)? {
                    Decoded::Verbatim => Ok(Some(json.between_quotes())),
                    Decoded::Text(text) => Ok(Some(text)),
                    Decoded::Bytes(_) => Ok(None),
                }
            }
        }
    }
}

/// Shows the body decoded.
impl fmt::Debug for RequestBody<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.as_text(), self.as_bytes()) {
            (Self::Plain(body), ..) => body.fmt(formatter),
            (_, Ok(Some(text)), _) => text.fmt(formatter),
            (_, _, Ok(bytes)) => Body::from(bytes).fmt(formatter),
            (.., Err(error)) => error.fmt(formatter),
        }
    }
}

fn decode_once<'d>(
    json: RawBody<'_>,
    is_base64: bool,
    decoded: &'d OnceLock<Decoded>,
) -> Result<&'d Decoded, Error> {
    if let Some(decoded) = decoded.get() {
        return Ok(decoded);
    }
    let body = decode(json, is_base64)?;
    Ok(decoded.get_or_init(|| body))
}

fn decode(json: RawBody<'_>, is_base64: bool) -> Result<Decoded, Error> {
    let Str(text) =
        json.decode().map_err(|error| unreadable(format_args!(" at `body`: {error}")))?;
    if is_base64 {
        return match BASE64_STANDARD.decode(text.as_bytes()) {
            Ok(bytes) => Ok(Decoded::Bytes(bytes)),
            Err(error) => Err(unreadable(format_args!(": `body` is not base64: {error}"))),
        };
    }
    Ok(match text {
        Cow::Borrowed(_) => Decoded::Verbatim,
        Cow::Owned(text) => Decoded::Text(text),
    })
}

/// The function works, and the body of this one request does not, whoever sent the event.
fn unreadable(why: fmt::Arguments<'_>) -> Error {
    Error::new("Runtime.UnmarshalError", format!("cannot read the event{why}")).with_status(400)
}
