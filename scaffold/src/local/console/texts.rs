//! The texts of a record, one after the other in one buffer, which the next record can use: most are dropped unread.

use std::borrow::Cow;
use std::ops::Range;

use hyper::body::Bytes;

/// Bodies up to this length are copied: a part of the buffer of a connection keeps all of it.
const MAX_COPIED: usize = 64 * 1024;

/// A text of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// The request id.
    Id,
    /// The sender of an event, unless it is a client of an API.
    Sender,
    RequestHead,
    RequestBody,
    /// The route that the request took: `GET /orders/{id}`.
    Route,
    /// The event that the function gets.
    Event,
    /// The response of the function, or the error that it reported; of a streamed one, the prelude.
    Answer,
    ResponseHead,
    /// The body of the response to the client, unless it is streamed.
    ResponseBody,
    /// The end of the log of the invocation.
    Log,
    /// Lambda's report.
    Report,
}

/// The texts of a record.
#[derive(Debug, Default)]
pub(super) struct Texts {
    buffer: Vec<u8>,
    /// The places of texts in the buffer.
    places: Vec<(Text, Range<usize>)>,
    /// The texts that are too long to be copied.
    long: Vec<(Text, Bytes)>,
}

impl Texts {
    pub(super) fn get(&self, text: Text) -> Option<&[u8]> {
        let place = self.places.iter().rfind(|(it, _)| *it == text);
        let long = || self.long.iter().find(|(it, _)| *it == text).map(|(_, bytes)| &**bytes);
        place.map_or_else(long, |(_, range)| self.buffer.get(range.clone()))
    }

    pub(super) fn get_str(&self, text: Text) -> Option<Cow<'_, str>> {
        self.get(text).map(String::from_utf8_lossy)
    }

    pub(super) fn add(&mut self, text: Text, bytes: &[u8]) {
        self.write(text, |buffer| buffer.extend_from_slice(bytes));
    }

    /// Adds a body, without a copy if it is long.
    pub(super) fn add_body(&mut self, text: Text, body: &Bytes) {
        if body.len() <= MAX_COPIED {
            self.add(text, body);
        } else {
            self.long.push((text, body.clone()));
        }
    }

    /// Adds what `write` appends to the buffer.
    pub(super) fn write(&mut self, text: Text, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.buffer.len();
        write(&mut self.buffer);
        self.places.push((text, start..self.buffer.len()));
    }

    /// Removes all texts, and keeps a small buffer for others.
    pub(super) fn clear(&mut self) {
        if self.buffer.capacity() > MAX_COPIED {
            self.buffer = Vec::new();
        }
        self.buffer.clear();
        self.places.clear();
        self.long.clear();
    }

    /// Returns how many bytes they take.
    pub(super) fn size(&self) -> usize {
        self.buffer.capacity() + self.long.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_texts_of_any_length_and_the_last_of_a_kind() {
        let mut texts = Texts::default();
        let long = Bytes::from(vec![b'x'; MAX_COPIED + 1]);
        texts.add(Text::Id, b"7");
        texts.add_body(Text::Event, &long);
        texts.add_body(Text::Answer, &Bytes::from_static(b"first"));
        texts.add(Text::Answer, b"");
        let found = [Text::Id, Text::Event, Text::Answer, Text::Log].map(|text| texts.get(text));
        assert_eq!(found, [Some(&b"7"[..]), Some(&*long), Some(&b""[..]), None]);
        texts.clear();
        assert_eq!(texts.get(Text::Id), None);
    }

    #[test]
    fn a_large_buffer_is_not_kept() {
        let mut texts = Texts::default();
        texts.add(Text::Log, &vec![b'x'; 1000]);
        texts.clear();
        assert!(texts.size() >= 1000);
        texts.add(Text::Log, &vec![b'x'; 2 * MAX_COPIED]);
        texts.clear();
        assert_eq!(texts.size(), 0);
    }
}
