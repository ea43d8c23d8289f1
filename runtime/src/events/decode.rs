//! Decoding of events, records and the bodies within them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Error;
use serde_json::value::RawValue;

use super::batch::RecordText;
use crate::json::borrowed::Str;
use crate::json::path::locate;
use crate::json::read_error;
use crate::printable::printable;

/// A type that an event, a record of a batch, or the body of a message is decoded into.
///
/// These are all types that are [`Deserialize`], and those of [`events`](super) whose bodies are JSON in a
/// string. All of them can borrow from the event.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded",
    label = "not a type that JSON can be decoded into",
    note = "derive `serde::Deserialize` for it"
)]
pub trait Decode<'a>: Sized {
    /// Decodes the JSON value at the start of a text, and returns its length too.
    #[doc(hidden)]
    fn from_json(text: &'a str, arena: &'a Arena) -> Result<(Self, usize), DecodeError>;

    /// Decodes the body of a message.
    #[doc(hidden)]
    fn from_body(body: Body<'a>, arena: &'a Arena) -> Result<Self, DecodeError>;
}

impl<'a, T: Deserialize<'a>> Decode<'a> for T {
    fn from_json(text: &'a str, _: &'a Arena) -> Result<(Self, usize), DecodeError> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter();
        let error = match values.next() {
            Some(Ok(value)) => return Ok((value, values.byte_offset())),
            Some(Err(error)) => error,
            None => Error::custom("EOF while parsing a value"),
        };
        Err(DecodeError::locate::<T>(value_in(text).unwrap_or(text), &error))
    }

    fn from_body(body: Body<'a>, _: &'a Arena) -> Result<Self, DecodeError> {
        T::deserialize(body).map_err(|error| match body {
            // The error of a type that reads text has no place.
            Body::Text(text) if error.line() > 0 => DecodeError::locate::<T>(text, &error),
            Body::Text(_) | Body::Bytes(_) => DecodeError::new(&error),
        })
    }
}

/// Reads a record of a batch.
///
/// # Errors
/// `Runtime.UnmarshalError` if it is not a `T`.
pub fn decode_record<'a, T: Decode<'a>>(
    record: RecordText<'a>,
    arena: &'a Arena,
) -> Result<T, crate::Error> {
    record.decode(arena).map_err(|error| error.into_error("record"))
}

/// Reads an event.
///
/// # Errors
/// `Runtime.UnmarshalError` if it is not a `T`.
pub fn decode_event<'a, T: Decode<'a>>(
    event: &'a [u8],
    arena: &'a Arena,
) -> Result<T, crate::Error> {
    let event = crate::json::text(event)?;
    decode_all(event, arena).map_err(|error| error.into_error("event"))
}

/// Decodes a text that is one JSON value.
pub(super) fn decode_all<'a, T: Decode<'a>>(
    text: &'a str,
    arena: &'a Arena,
) -> Result<T, DecodeError> {
    let (value, length) = T::from_json(text, arena)?;
    match text.split_at_checked(length) {
        Some((_, rest)) if !rest.trim_ascii_start().is_empty() => {
            let error = serde_json::from_str::<IgnoredAny>(text).err();
            Err(error.map_or_else(
                || DecodeError::new(&"trailing characters"),
                |error| DecodeError::locate::<IgnoredAny>(text, &error),
            ))
        }
        _ => Ok(value),
    }
}

/// Returns the JSON value at the start of a text; `None` if it is not JSON.
pub(super) fn value_in(text: &str) -> Option<&str> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    Some(values.next()?.ok()?.get())
}

/// Keeps decoded text for as long as a record is being handled, so that the function's parameter can borrow
/// from it.
///
/// It is a list whose nodes never move: each contains the cell that the next one is put into.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Arena(OnceCell<Box<Node>>);

#[derive(Debug)]
struct Node {
    bytes: Bytes,
    next: Arena,
}

#[derive(Debug)]
enum Bytes {
    Text(String),
    Binary(Vec<u8>),
}

impl Arena {
    /// Keeps text, unless it is part of the event.
    pub(crate) fn text<'a>(&'a self, text: Cow<'a, str>) -> &'a str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => match self.keep(Bytes::Text(text)) {
                Bytes::Text(text) => text,
                Bytes::Binary(_) => "",
            },
        }
    }

    /// Reads a JSON string, and keeps the text if it has escapes.
    ///
    /// The body of most messages is JSON within a string, full of `\"`, so that this is a large part of the time
    /// for a batch.
    pub(crate) fn string<'a>(&'a self, json: &'a RawValue) -> Result<&'a str, DecodeError> {
        let text = json.get().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let text = match text {
            Some(text) if !text.contains('\\') => Some(Cow::Borrowed(text)),
            Some(text) => unescape(text).map(Cow::Owned),
            None => None,
        };
        let text = match text {
            Some(text) => text,
            None => String::from_json(json.get(), self)?.0.into(),
        };
        Ok(self.text(text))
    }

    /// Keeps bytes, which are a body of text if they are UTF-8.
    pub(crate) fn body(&self, bytes: Vec<u8>) -> Body<'_> {
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => Bytes::Text(text),
            Err(error) => Bytes::Binary(error.into_bytes()),
        };
        match self.keep(bytes) {
            Bytes::Text(text) => Body::Text(text),
            Bytes::Binary(bytes) => Body::Bytes(bytes),
        }
    }

    fn keep(&self, bytes: Bytes) -> &Bytes {
        let mut end = self;
        while let Some(node) = end.0.get() {
            end = &node.next;
        }
        &end.0.get_or_init(|| Box::new(Node { bytes, next: Self::default() })).bytes
    }
}

/// Replaces the escapes of one character. Returns `None` if there are others.
fn unescape(json: &str) -> Option<String> {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut after = escape.chars();
        text.push(match after.next()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => return None,
        });
        rest = after.as_str();
    }
    text.push_str(rest);
    Some(text)
}

/// The reason that something cannot be decoded, and the path to it.
#[doc(hidden)]
#[derive(Debug)]
pub struct DecodeError {
    path: String,
    message: String,
}

impl DecodeError {
    pub(crate) fn new(message: &impl fmt::Display) -> Self {
        Self { path: String::new(), message: message.to_string() }
    }

    /// Finds the place of an error in JSON that was read as a `T`.
    #[cold]
    pub(crate) fn locate<'a, T: Deserialize<'a>>(json: &'a str, error: &Error) -> Self {
        let (path, message) = locate(json.as_bytes(), error, &read_error::<T>);
        Self { path, message }
    }

    /// Makes it an error of a member.
    pub(crate) fn within(mut self, member: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = [member, separator, &self.path].concat();
        self
    }

    /// Makes the error of a function.
    pub(crate) fn into_error(self, what: &str) -> crate::Error {
        let Self { path, message } = self;
        let place = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
        // The log has it as it is, and both the path and the message quote the event.
        let message = printable(&format!("cannot read the {what}{place}: {message}"), usize::MAX);
        crate::Error::new("Runtime.UnmarshalError", message)
    }
}

/// The body of a message. Types that read text get it as it is, and all others get the JSON in it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    Text(&'a str),
    /// Bytes that are not UTF-8.
    Bytes(&'a [u8]),
}

impl<'a> Body<'a> {
    fn text(self) -> Result<&'a str, Error> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Bytes(_) => Err(Error::custom("invalid UTF-8")),
        }
    }

    /// Returns the text, for an envelope that is JSON.
    pub(crate) fn json(self) -> Result<&'a str, DecodeError> {
        self.text().map_err(|error| DecodeError::new(&error))
    }

    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

macro_rules! text {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_borrowed_str(self.text()?)
        }
    )*};
}

macro_rules! bytes {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_borrowed_bytes(self.bytes())
        }
    )*};
}

macro_rules! json {
    ($($method:ident($($argument:ident: $ty:ty),*))*) => {$(
        fn $method<V: Visitor<'a>>(
            self,
            $($argument: $ty,)*
            visitor: V,
        ) -> Result<V::Value, Error> {
            let mut json = serde_json::Deserializer::from_str(self.text()?);
            let value = json.$method($($argument,)* visitor)?;
            json.end()?;
            Ok(value)
        }
    )*};
}

impl<'a> Deserializer<'a> for Body<'a> {
    type Error = Error;

    text!(deserialize_char deserialize_str deserialize_string deserialize_identifier);
    bytes!(deserialize_bytes deserialize_byte_buf);
    json! {
        deserialize_any()
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_i128()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_u128()
        deserialize_f32()
        deserialize_f64()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

/// Reads a number in a string, as SQS writes all attributes.
pub(crate) fn number<'de, D: Deserializer<'de>, N: std::str::FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<N, D::Error> {
    let Str(text) = Str::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}
