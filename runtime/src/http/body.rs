//! The body of a request or a response.

use std::borrow::Cow;
use std::fmt;

/// A body: text, or bytes of any kind.
///
/// It is made of what [`with_body`](super::Response::with_body) takes: `&str`, `String`, `&[u8]`,
/// `Vec<u8>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Body<'a>(Inner<'a>);

#[derive(Clone, PartialEq, Eq)]
enum Inner<'a> {
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl Body<'_> {
    pub(super) const fn empty() -> Self {
        Self(Inner::Text(Cow::Borrowed("")))
    }

    /// The bytes of it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Inner::Text(text) => text.as_bytes(),
            Inner::Bytes(bytes) => bytes,
        }
    }

    /// The text of it, where it was made of text; bytes are not, whatever they hold.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Inner::Text(text) => Some(text),
            Inner::Bytes(_) => None,
        }
    }
}

/// The text, or the number of bytes.
impl fmt::Debug for Body<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Text(text) => write!(formatter, "{text:?}"),
            Inner::Bytes(bytes) => write!(formatter, "{} bytes", bytes.len()),
        }
    }
}

impl<'a> From<Cow<'a, str>> for Body<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Inner::Text(text))
    }
}

impl<'a> From<&'a str> for Body<'a> {
    fn from(text: &'a str) -> Self {
        Self(Inner::Text(Cow::Borrowed(text)))
    }
}

impl From<String> for Body<'_> {
    fn from(text: String) -> Self {
        Self(Inner::Text(Cow::Owned(text)))
    }
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(Inner::Bytes(Cow::Borrowed(bytes)))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Body<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self(Inner::Bytes(Cow::Borrowed(bytes)))
    }
}

impl From<Vec<u8>> for Body<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Inner::Bytes(Cow::Owned(bytes)))
    }
}
