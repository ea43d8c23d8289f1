//! The path to an error in a JSON document.
//!
//! `serde_json` reports a line and a column, but a person needs the path, `items[2].price`. It is
//! found by reading the document a second time up to that place, so the first pass, which is the fast
//! one, does not have to keep track.
//!
//! A line and a column are not always a place in the document: JSON in a string is read by a parser of its
//! own, which counts from the beginning of that string, and `serde_json` passes its numbers on. An error is
//! where the document begins to have it: cut off before, it has another one.

use std::fmt::Write;

use serde_json::Error;

/// Returns the path to an error in `json`, and the error's message. `read` is the way in which `json` was
/// read.
pub(crate) fn locate<'j>(
    json: &'j [u8],
    error: &Error,
    read: &dyn Fn(&'j [u8]) -> Option<Error>,
) -> (String, String) {
    let stated = upto(json, error.line(), error.column()).len();
    let message = error.to_string();
    let text = match std::str::from_utf8(json) {
        // The error of another parser arrives as one about data, whatever it was.
        Ok(text) if error.is_data() => text,
        // No value was read.
        _ => return (path_to(json, stated), message),
    };
    let fails_alike = |length: usize| {
        read(beginning(text, length).as_bytes())
            .is_some_and(|other| other.is_data() && other.to_string() == message)
    };
    // Some errors are stated at the byte before the one that is wrong.
    if fails_alike(stated + 1) && !stated.checked_sub(1).is_some_and(fails_alike) {
        return (path_to(json, stated), message);
    }
    let (mut before, mut after) = (0, json.len());
    while before + 1 < after {
        let middle = before.midpoint(after);
        *(if fails_alike(middle) { &mut after } else { &mut before }) = middle;
    }
    let path = path_to(json, after);
    // What a type read again after the whole document had been read is the document.
    let message = if path.is_empty() { message } else { message + " of its text" };
    (path, message)
}

/// Describes an error in `json`, which is part of another document, by its path within `json` and its message.
#[cfg(feature = "events")]
#[cold]
pub(crate) fn describe<'j>(
    json: &'j [u8],
    error: &Error,
    read: &dyn Fn(&'j [u8]) -> Option<Error>,
) -> String {
    let (path, message) = locate(json, error, read);
    if path.is_empty() { message } else { format!("`{path}`: {message}") }
}

/// Returns the path to the byte at `line` and `column`, both counted from 1. It is empty for the
/// document itself.
///
/// If the document is not valid JSON up to there, the path goes as far as it can be made out.
#[cfg(any(fuzzing, test))]
pub(crate) fn path_at(json: &[u8], line: usize, column: usize) -> String {
    path_to(json, upto(json, line, column).len())
}

/// Returns the path to the last of the first `length` bytes.
fn path_to(json: &[u8], length: usize) -> String {
    let bytes = json.get(..length).unwrap_or(json);
    let mut scanner = Scanner { bytes, at: 0, open: Vec::new() };
    while scanner.step().is_some() {}
    let mut path = String::new();
    for container in scanner.open {
        // Writing to a string does not fail.
        let _ = match container {
            Container::Object(None) => Ok(()),
            Container::Object(Some(key)) => match key_name(key) {
                Some(name) if path.is_empty() => write!(path, "{name}"),
                Some(name) => write!(path, ".{name}"),
                None => write!(path, "[{}]", String::from_utf8_lossy(key)),
            },
            Container::Array(index) => write!(path, "[{index}]"),
        };
    }
    path
}

/// Returns the characters to which the first `length` bytes of a text belong.
fn beginning(text: &str, length: usize) -> &str {
    (length..text.len()).find_map(|end| text.get(..end)).unwrap_or(text)
}

/// Returns the document up to the byte at `line` and `column`, which is included.
fn upto(json: &[u8], line: usize, column: usize) -> &[u8] {
    let mut start = 0;
    for _ in 1..line {
        match json.split_at(start).1.iter().position(|byte| *byte == b'\n') {
            Some(end) => start += end + 1,
            None => break,
        }
    }
    json.get(..start.saturating_add(column)).unwrap_or(json)
}

/// Returns the text of a quoted key if it needs no quotes in a path.
fn key_name(key: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(key.strip_prefix(b"\"")?.strip_suffix(b"\"")?).ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '@');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// An object at a key, or an array at an index, that is not closed yet.
enum Container<'j> {
    Object(Option<&'j [u8]>),
    Array(usize),
}

struct Scanner<'j> {
    bytes: &'j [u8],
    at: usize,
    open: Vec<Container<'j>>,
}

impl<'j> Scanner<'j> {
    /// Reads one token; `None` at the end of the bytes.
    ///
    /// The error is at the last byte. A bracket there possibly closes nothing.
    fn step(&mut self) -> Option<()> {
        let byte = *self.bytes.get(self.at)?;
        let last = self.at + 1 == self.bytes.len();
        match byte {
            b'{' => self.open.push(Container::Object(None)),
            b'[' => self.open.push(Container::Array(0)),
            // An error at the end of an object or an array is its own, not that of its last value.
            b'}' | b']' if !last || self.closes(byte) => {
                self.open.pop();
            }
            b',' => match self.open.last_mut() {
                Some(Container::Array(index)) => *index += 1,
                Some(Container::Object(key)) => *key = None,
                None => {}
            },
            b'"' => {
                let text = self.string()?;
                if let Some(Container::Object(key @ None)) = self.open.last_mut() {
                    *key = Some(text);
                }
                return Some(());
            }
            _ => {}
        }
        self.at += 1;
        Some(())
    }

    /// Tells whether a bracket closes the innermost container.
    fn closes(&self, bracket: u8) -> bool {
        match self.open.last() {
            Some(Container::Object(_)) => bracket == b'}',
            Some(Container::Array(_)) => bracket == b']',
            None => false,
        }
    }

    /// Reads a string, quotes included; `None` if it does not end.
    fn string(&mut self) -> Option<&'j [u8]> {
        let start = self.at;
        let mut end = start + 1;
        loop {
            match *self.bytes.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        self.bytes.get(start..=end)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde::de::{Deserializer, Error as _};
    use serde_json::json;

    use super::{locate, path_at};

    #[derive(Debug, Deserialize)]
    struct Order {
        #[serde(rename = "items")]
        _items: Vec<Item>,
        #[serde(default, rename = "by name")]
        _by_name: BTreeMap<String, Item>,
    }

    #[derive(Debug, Deserialize)]
    struct Item {
        #[serde(rename = "price")]
        _price: u32,
        #[serde(default, rename = "tags")]
        _tags: Vec<String>,
    }

    #[track_caller]
    fn assert_path(json: &str, path: &str) {
        let error = serde_json::from_str::<Order>(json).expect_err("the document is wrong");
        assert_eq!(path_at(json.as_bytes(), error.line(), error.column()), path, "{error}");
    }

    #[test]
    fn names_the_value_that_is_wrong() {
        assert_path(r#"{"items":[{"price":1},{"price":2},{"price":"x"}]}"#, "items[2].price");
        assert_path("{\"items\": [\n  {\"price\": 1},\n  {\"price\": true }\n]}", "items[1].price");
        assert_path(r#"{"items":[{"price":1,"tags":["a","]","\"",4]}]}"#, "items[0].tags[3]");
        assert_path(r#"{"items":[{"price":-1}]}"#, "items[0].price");
        assert_path(r#"{"items":[{"price":null,"tags":[]}]}"#, "items[0].price");
        assert_path(r#"{"items":{"price":1}}"#, "items");
        assert_path(r#"{"items":[1]}"#, "items[0]");
        assert_path(
            r#"{"items":[],"by name":{"a b":{"price":""}}}"#,
            r#"["by name"]["a b"].price"#,
        );
    }

    #[test]
    fn names_the_object_that_lacks_a_field() {
        assert_path(r#"{"items":[{"price":1},{"tags":[]}]}"#, "items[1]");
        assert_path(r#"{"items":[{"price":1},{"tags":["a"]} ]}"#, "items[1]");
        assert_path("{}", "");
        assert_path("[]", "");
    }

    #[test]
    fn names_the_array_that_lacks_an_item() {
        #[derive(Debug, Deserialize)]
        struct Line {
            #[serde(rename = "ends")]
            _ends: Vec<(i32, i32)>,
        }

        let json = r#"{"ends":[[1,2],[3]]}"#;
        let error = serde_json::from_str::<Line>(json).expect_err("an end lacks a number");
        assert_eq!(path_at(json.as_bytes(), error.line(), error.column()), "ends[1]", "{error}");
    }

    #[test]
    fn goes_as_far_as_the_document_is_valid() {
        assert_path("", "");
        assert_path("nothing", "");
        assert_path(r#"{"items":[{"price":1},{"#, "items[1]");
        assert_path(r#"{"items":[{"price":"#, "items[0].price");
        assert_path(r#"{"items":[{"price":"unfinished"#, "items[0].price");
        assert_path(r#"{"items":[{"price":1}}"#, "items[0]");
    }

    /// A queue's records, whose bodies are JSON in a string.
    #[derive(Debug, Deserialize)]
    struct Queue {
        #[serde(rename = "Records")]
        _records: Vec<Record>,
    }

    #[derive(Debug, Deserialize)]
    struct Record {
        #[serde(rename = "id")]
        _id: u32,
        #[serde(rename = "body", deserialize_with = "json_in_a_string")]
        _body: Order,
        #[serde(default, rename = "note", deserialize_with = "refused")]
        _note: (),
    }

    fn json_in_a_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Order, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map_err(D::Error::custom)
    }

    fn refused<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(D::Error::custom(text))
    }

    fn located<'j, T: Deserialize<'j>>(json: &'j str) -> Option<(String, String)> {
        let error = serde_json::from_str::<T>(json).err()?;
        Some(locate(json.as_bytes(), &error, &crate::json::read_error::<T>))
    }

    const MESSAGE: &str = "invalid type: string \"x\", expected u32";

    #[test]
    fn names_the_string_in_which_json_is_wrong() {
        let order =
            |price: &str, before: &str| format!("{before}{{\"items\":[{{\"price\":{price}}}]}}");
        let lines = "\n".repeat(3);
        for (index, before, position) in [
            (0, "", "line 1 column 22"),
            (1, "", "line 1 column 22"),
            (2, "", "line 1 column 22"),
            (2, "  ", "line 1 column 24"),
            // The line is also one of the event's.
            (0, &lines, "line 4 column 22"),
            (2, &lines, "line 4 column 22"),
        ] {
            let record = |at: usize| {
                let price = if at == index { "\"x\"" } else { "1" };
                json!({ "id": at, "body": order(price, before) })
            };
            let event = json!({ "Records": [record(0), record(1), record(2)] });
            for text in [event.to_string(), format!("{event:#}")] {
                let place = format!("Records[{index}].body");
                let message = format!("{MESSAGE} at {position} of its text");
                assert_eq!(located::<Queue>(&text), Some((place, message)), "{text}");
            }
        }
    }

    #[test]
    fn names_the_string_whose_json_ends_too_early() {
        for body in ["", "{", "{\"items\":[", "nothing"] {
            let event = json!({ "Records": [{ "id": 1, "body": body }] });
            for text in [event.to_string(), format!("{event:#}")] {
                let (path, message) = located::<Queue>(&text).unwrap();
                assert_eq!(path, "Records[0].body", "{text}");
                assert!(message.ends_with(" of its text"), "{message}");
            }
        }
    }

    #[test]
    fn does_not_believe_a_message_that_names_a_place() {
        let order = r#"{"items":[]}"#;
        let note = "bad at line 1 column 3";
        let event = json!({ "Records": [{ "id": 1, "body": order, "note": note }, { "id": 2 }] });
        let (path, message) = located::<Queue>(&event.to_string()).unwrap();
        assert_eq!((path.as_str(), message), ("Records[0].note", format!("{note} of its text")));
    }

    /// Every document with one wrong byte: the stated place of an error is believed.
    #[test]
    fn believes_the_place_of_an_error_in_the_document_itself() {
        let mut count = 0;
        for event in [
            "{\"items\":[{\"price\":1,\"tags\":[\"é\",\"\\u00e9\"]},\n {\"price\":20}],\n\"by name\":{\"a b\":{\"price\":3}}}",
            "{\"items\":[],\"other\":[null,true,-1.5e3,{\"a\":\"\\n\"}]}",
        ] {
            for at in 0..event.len() {
                for byte in
                    ["", "x", "\"", "{", "}", "]", ",", ":", "1", "-", ".", "\n", "\\", " ", "é"]
                {
                    let (Some(before), Some(after)) = (event.get(..at), event.get(at + 1..)) else {
                        continue;
                    };
                    let text = [before, byte, after].concat();
                    let Err(error) = serde_json::from_str::<Order>(&text) else { continue };
                    let path = path_at(text.as_bytes(), error.line(), error.column());
                    let expected = Some((path, error.to_string()));
                    assert_eq!(located::<Order>(&text), expected, "{text}");
                    count += 1;
                }
            }
        }
        assert!(count > 1_000, "{count}");
    }
}
