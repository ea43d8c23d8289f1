//! The query of a request, in all formats.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::event::PairList;

/// A query, as the event has it.
#[derive(Clone, Debug)]
pub(super) enum Query<'a> {
    /// As the client sent it: HTTP APIs with payload 2.0 and Function URLs.
    Raw(Cow<'a, str>),
    /// Split and decoded: payload 1.0.
    Decoded(PairList<'a>),
    /// Split, but still encoded: load balancers.
    Encoded(PairList<'a>),
}

impl Query<'_> {
    /// Returns the names and values, decoded, in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let (raw, pairs) = match self {
            Self::Raw(raw) => (raw.as_bytes(), &[][..]),
            Self::Decoded(pairs) | Self::Encoded(pairs) => (&b""[..], &pairs[..]),
        };
        let is_encoded = matches!(self, Self::Encoded(_));
        let part = move |part| if is_encoded { decode(part) } else { Cow::Borrowed(part) };
        let pairs = pairs.iter().map(move |(name, value)| (part(name), part(value)));
        form_urlencoded::parse(raw).chain(pairs)
    }

    /// Returns the query as it stands in a URL, without the `?`.
    pub(super) fn raw(&self) -> Cow<'_, str> {
        match self {
            Self::Raw(raw) => Cow::Borrowed(raw),
            Self::Decoded(pairs) => {
                let mut raw = form_urlencoded::Serializer::new(String::new());
                Cow::Owned(raw.extend_pairs(pairs).finish())
            }
            Self::Encoded(pairs) => {
                let mut raw = String::new();
                for (name, value) in pairs {
                    let separator = if raw.is_empty() { "" } else { "&" };
                    // A balancer does not decode them, but a test event can hold separators.
                    let (name, value) = (name.replace('=', "%3D"), value.replace('&', "%26"));
                    raw.extend([separator, &name.replace('&', "%26"), "=", &value]);
                }
                Cow::Owned(raw)
            }
        }
    }
}

/// Decodes a name or a value. Bytes that are not UTF-8 are replaced.
fn decode(encoded: &str) -> Cow<'_, str> {
    if encoded.contains('+') {
        let spaced = encoded.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(encoded).decode_utf8_lossy()
}
