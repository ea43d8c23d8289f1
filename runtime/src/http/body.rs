//! The body of a request or a response.

use std::borrow::Cow;
use std::fmt;

/// A body: text, or bytes of any kind.
///
/// It is made from `&str`, `String`, `&[u8]` or `Vec<u8>`, for example by
/// [`with_body`](super::Response::with_body).
#[derive(Clone, PartialEq, Eq)]
pub struct Body<'a>(BodyContent<'a>);

#[derive(Clone, PartialEq, Eq)]
enum BodyContent<'a> {
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl Body<'_> {
    pub(super) const fn empty() -> Self {
        Self(BodyContent::Text(Cow::Borrowed("")))
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            BodyContent::Text(text) => text.as_bytes(),
            BodyContent::Bytes(bytes) => bytes,
        }
    }

    /// Returns the text, if the body was made from text. A body that was made from bytes is never text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            BodyContent::Text(text) => Some(text),
            BodyContent::Bytes(_) => None,
        }
    }
}

/// Shows the text, or the number of bytes.
impl fmt::Debug for Body<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BodyContent::Text(text) => write!(formatter, "{text:?}"),
            BodyContent::Bytes(bytes) => write!(formatter, "{} bytes", bytes.len()),
        }
    }
}

impl<'a> From<Cow<'a, str>> for Body<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(BodyContent::Text(text))
    }
}

impl<'a> From<&'a str> for Body<'a> {
    fn from(text: &'a str) -> Self {
        Self(BodyContent::Text(Cow::Borrowed(text)))
    }
}

impl From<String> for Body<'_> {
    fn from(text: String) -> Self {
        Self(BodyContent::Text(Cow::Owned(text)))
    }
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(BodyContent::Bytes(Cow::Borrowed(bytes)))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Body<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self(BodyContent::Bytes(Cow::Borrowed(bytes)))
    }
}

impl From<Vec<u8>> for Body<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(BodyContent::Bytes(Cow::Owned(bytes)))
    }
}
