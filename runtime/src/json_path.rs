//! Where in a JSON document an error lies.
//!
//! `serde_json` says it by line and column. A person wants the path, `items[2].price`; it is found by
//! reading the document a second time up to that place, so that the first and fast pass need not
//! keep count.

use std::fmt::Write;

/// The path to the byte at `line` and `column`, both counted from 1: empty for the document itself.
///
/// The document is valid JSON up to there, or this is as much of the path as can be made out.
pub(crate) fn path_at(json: &[u8], line: usize, column: usize) -> String {
    let mut scanner = Scanner { bytes: upto(json, line, column), at: 0, open: Vec::new() };
    while scanner.step().is_some() {}
    let mut path = String::new();
    for place in scanner.open {
        // Writing to a string does not fail.
        let _ = match place {
            Place::Object(None) => Ok(()),
            Place::Object(Some(key)) => match key_name(key) {
                Some(name) if path.is_empty() => write!(path, "{name}"),
                Some(name) => write!(path, ".{name}"),
                None => write!(path, "[{}]", String::from_utf8_lossy(key)),
            },
            Place::Array(index) => write!(path, "[{index}]"),
        };
    }
    path
}

/// The document up to and with the byte at `line` and `column`.
fn upto(json: &[u8], line: usize, column: usize) -> &[u8] {
    let mut start = 0;
    for _ in 1..line {
        let rest = json.get(start..).unwrap_or_default();
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => start += end + 1,
            None => break,
        }
    }
    json.get(..start.saturating_add(column)).unwrap_or(json)
}

/// The text of a key, quoted in the document, that needs no quotes in a path.
fn key_name(key: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(key.strip_prefix(b"\"")?.strip_suffix(b"\"")?).ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '@');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// What is open around a place: an object at a key, or an array at an index.
enum Place<'j> {
    Object(Option<&'j [u8]>),
    Array(usize),
}

struct Scanner<'j> {
    bytes: &'j [u8],
    at: usize,
    open: Vec<Place<'j>>,
}

impl<'j> Scanner<'j> {
    /// Reads one token; `None` at the end of the bytes.
    ///
    /// The last byte is where the error is: a bracket there may be one that closes nothing.
    fn step(&mut self) -> Option<()> {
        let byte = *self.bytes.get(self.at)?;
        let last = self.at + 1 == self.bytes.len();
        match byte {
            b'{' => self.open.push(Place::Object(None)),
            b'[' => self.open.push(Place::Array(0)),
            // At its end an object or an array is at fault itself, not its last value.
            b'}' | b']' if !last || self.closes(byte) => {
                self.open.pop();
            }
            b',' => match self.open.last_mut() {
                Some(Place::Array(index)) => *index += 1,
                Some(Place::Object(key)) => *key = None,
                None => {}
            },
            b'"' => {
                let text = self.string()?;
                if let Some(Place::Object(key @ None)) = self.open.last_mut() {
                    *key = Some(text);
                }
                return Some(());
            }
            _ => {}
        }
        self.at += 1;
        Some(())
    }

    /// Whether a bracket closes what is open.
    fn closes(&self, bracket: u8) -> bool {
        match self.open.last() {
            Some(Place::Object(_)) => bracket == b'}',
            Some(Place::Array(_)) => bracket == b']',
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

    use super::path_at;

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
}
