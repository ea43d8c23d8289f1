//! What an executable says of itself: `#[lambda_handler]` leaves a record of each handler in it,
//! which [`read`] finds in the file, without running it, whatever machine it is for.
//!
//! A record is [a mark](MARK) of 16 bytes, the length of what follows as four bytes, the least
//! significant first, and that much JSON:
//!
//! ```json
//! {"version":1,"runtime":"0.1.0","name":"checkout","kind":"event","input":"Order<'_>","output":"Receipt","types":["Order<'_>","Receipt"]}
//! ```
//!
//! It is a constant that the program holds on to until it ends, so that neither the optimizer nor
//! the linker nor `strip` takes it away.

use std::fmt;

use serde::Deserialize;

/// What a record begins with.
pub const MARK: [u8; 16] = *b"\x7flambda-native\x1a\n";

/// The version of the records that are written here.
const VERSION: &str = "1";

/// The mark and the length.
const HEAD: usize = MARK.len() + size_of::<u32>();

/// A handler, as an executable describes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The version of `lambda-native` that the executable is built with.
    pub runtime: String,
    /// The name of the function.
    pub name: String,
    /// What it answers.
    pub kind: Kind,
    /// The type of the event as it is written in the source; `None` if the function takes none.
    pub input: Option<String>,
    /// The type that the function returns, as it is written.
    pub output: String,
    /// The types of its JSON context, as they are written; none if it has no context.
    pub types: Vec<String>,
}

/// What a handler answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Events of any kind.
    Event,
    /// HTTP requests.
    Http,
}

/// The records in an executable, in the order in which they are in the file; none if it is not one
/// of a Lambda function, or one that is made without the macros.
///
/// ```no_run
/// let file = std::fs::read("target/release/bootstrap")?;
/// for record in lambda_native::record::read(&file)? {
///     println!("{}: {:?} -> {}", record.name, record.input, record.output);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a record is of a version that is not known here: the executable is newer than the reader.
pub fn read(file: &[u8]) -> Result<Vec<Record>, UnknownVersion> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }

    let mut records = Vec::new();
    let mut rest = file;
    while let Some(at) = rest.windows(MARK.len()).position(|bytes| bytes == MARK) {
        rest = rest.get(at + MARK.len()..).unwrap_or_default();
        // The mark alone is in every program that looks for it.
        let Some(json) = json(rest) else { continue };
        match serde_json::from_slice(json) {
            Ok(Version { version: 1 }) => records.extend(serde_json::from_slice::<Record>(json)),
            Ok(Version { version }) => return Err(UnknownVersion(version)),
            Err(_) => {}
        }
    }
    Ok(records)
}

/// What follows the mark, by its length.
fn json(record: &[u8]) -> Option<&[u8]> {
    let (length, rest) = record.split_first_chunk()?;
    rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// The record is of a version that is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVersion(u32);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the executable describes itself in version {}, and only version {VERSION} is known here",
            self.0
        )
    }
}

impl std::error::Error for UnknownVersion {}

/// What is recorded of a handler; part of what the macros emit.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub input: Option<&'a str>,
    pub output: &'a str,
    pub types: &'a [&'a str],
}

impl Description<'_> {
    /// How many bytes the record has.
    #[must_use]
    pub const fn size(&self) -> usize {
        Writer::<0>::write(self).length
    }

    /// The record, of that size.
    #[must_use]
    pub const fn record<const SIZE: usize>(&self) -> [u8; SIZE] {
        Writer::write(self).bytes
    }
}

/// Writes as much as there is room for, and counts the rest.
struct Writer<const SIZE: usize> {
    bytes: [u8; SIZE],
    length: usize,
}

impl<const SIZE: usize> Writer<SIZE> {
    const fn write(description: &Description<'_>) -> Self {
        let mut writer = Self { bytes: [0; SIZE], length: 0 };
        writer.bytes(&MARK);
        #[expect(clippy::cast_possible_truncation, reason = "the source is not that long")]
        writer.bytes(&(SIZE.saturating_sub(HEAD) as u32).to_le_bytes());
        writer.bytes(b"{\"version\":");
        writer.bytes(VERSION.as_bytes());
        writer.bytes(b",\"runtime\":");
        writer.text(env!("CARGO_PKG_VERSION"));
        writer.bytes(b",\"name\":");
        writer.text(description.name);
        writer.bytes(b",\"kind\":");
        writer.text(match description.kind {
            Kind::Event => "event",
            Kind::Http => "http",
        });
        writer.bytes(b",\"input\":");
        match description.input {
            Some(input) => writer.text(input),
            None => writer.bytes(b"null"),
        }
        writer.bytes(b",\"output\":");
        writer.text(description.output);
        writer.bytes(b",\"types\":[");
        let mut types = description.types;
        while let [first, rest @ ..] = types {
            writer.text(first);
            if !rest.is_empty() {
                writer.byte(b',');
            }
            types = rest;
        }
        writer.bytes(b"]}");
        writer
    }

    /// A JSON string; source code has no control characters.
    const fn text(&mut self, text: &str) {
        self.byte(b'"');
        let mut bytes = text.as_bytes();
        while let [first, rest @ ..] = bytes {
            if matches!(first, b'"' | b'\\') {
                self.byte(b'\\');
            }
            self.byte(*first);
            bytes = rest;
        }
        self.byte(b'"');
    }

    const fn bytes(&mut self, mut bytes: &[u8]) {
        while let [first, rest @ ..] = bytes {
            self.byte(*first);
            bytes = rest;
        }
    }

    const fn byte(&mut self, byte: u8) {
        if self.length < SIZE {
            #[expect(clippy::indexing_slicing, reason = "it is just compared")]
            {
                self.bytes[self.length] = byte;
            }
        }
        self.length += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTION: Description<'static> = Description {
        name: "checkout",
        kind: Kind::Event,
        input: Some("Order<'_, '\"'>"),
        output: "Result<Receipt, Error>",
        types: &["Order<'_, '\"'>", "Receipt"],
    };
    static RECORD: [u8; DESCRIPTION.size()] = DESCRIPTION.record();

    fn expected() -> Record {
        Record {
            runtime: env!("CARGO_PKG_VERSION").into(),
            name: "checkout".into(),
            kind: Kind::Event,
            input: Some("Order<'_, '\"'>".into()),
            output: "Result<Receipt, Error>".into(),
            types: vec!["Order<'_, '\"'>".into(), "Receipt".into()],
        }
    }

    #[test]
    fn records_are_found_among_other_bytes_and_marks() {
        let none = Description { kind: Kind::Http, input: None, types: &[], ..DESCRIPTION };
        let mut none_record = vec![0; none.size()];
        none_record.copy_from_slice(&none.record::<200>()[..none.size()]);
        none_record[MARK.len()] = u8::try_from(none.size() - HEAD).unwrap();
        let file = [b"ELF", &MARK[..], &RECORD, &MARK, b"\xff", &none_record, &MARK[..7]].concat();
        let http = Record { kind: Kind::Http, input: None, types: Vec::new(), ..expected() };
        assert_eq!(read(&file), Ok(vec![expected(), http]));
        assert_eq!(read(b""), Ok(Vec::new()));
        assert_eq!(read(&RECORD[..RECORD.len() - 1]), Ok(Vec::new()));
    }

    #[test]
    fn a_version_that_is_not_known_is_said() {
        let mut record = RECORD;
        record[HEAD + r#"{"version":"#.len()] = b'2';
        let error = read(&record).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the executable describes itself in version 2, and only version 1 is known here"
        );
    }
}
