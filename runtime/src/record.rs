//! Descriptions of the handlers in an executable.
//!
//! `#[lambda_handler]` leaves a record of each handler in the executable. [`read`] finds them in the
//! file without running it, whatever machine it is for.
//!
//! A record consists of a mark of 16 bytes, the length of the JSON as four bytes with the least
//! significant first, and the JSON:
//!
//! ```json
//! {"version":1,"runtime":"0.1.0","name":"checkout","kind":"event","input":"Order<'_>","output":"Receipt","types":["Order<'_>","Receipt"]}
//! ```
//!
//! A handler with documentation, routes or parameters has further members:
//!
//! ```json
//! {"doc":"Returns one order.","routes":[{"method":"GET","path":"/orders/{id}"}],"parameters":[{"in":"path","name":"id","type":"u64","required":true}],"auth":"check"}
//! ```
//!
//! One that is marked with the source of its events has `{"source":{"type":"sqs","name":"OrderQueue"}}`, and one
//! that Lambda's setting `Handler` chooses has `{"named":true}`.
//!
//! The program refers to it until it ends, so neither the optimizer nor the linker nor `strip` removes
//! it.

use std::fmt;

use serde::Deserialize;

/// The bytes that a record begins with.
const MARK: [u8; 16] = *b"\x7flambda-native\x1a\n";

/// The version of the records that this crate writes.
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
    /// The kind of events that it handles.
    pub kind: Kind,
    /// The type of the event as it is written in the source; `None` if the function takes none.
    pub input: Option<String>,
    /// The type that the function returns, as it is written.
    pub output: String,
    /// The types of its JSON context, as they are written; empty if it has no context.
    pub types: Vec<String>,
    /// The first line of its documentation; empty if it has none.
    #[serde(default)]
    pub doc: String,
    /// Its routes.
    #[serde(default)]
    pub routes: Vec<RouteRecord>,
    /// The parameters of a handler with a route or of an authorizer, in the order of the function.
    #[serde(default)]
    pub parameters: Vec<ParameterRecord>,
    /// The source of its events, if it is marked with one.
    #[serde(default)]
    pub source: Option<SourceRecord>,
    /// The name of the authorizer that its routes have.
    #[serde(default)]
    pub auth: Option<String>,
    /// It is `named`: the program runs it only if Lambda's setting `Handler` is its name, unless it has routes.
    #[serde(default)]
    pub named: bool,
}

/// The source of the events of a handler.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SourceRecord {
    /// The argument of `#[lambda_handler]`: `sqs`, `kinesis`, `dynamodb`, `sns`, `s3`, `schedule` or
    /// `eventbridge`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value of that argument: the name of a resource or a parameter of the SAM template, the expression of
    /// a schedule, or the `source` of an EventBridge pattern.
    pub name: Option<String>,
}

/// A route of a handler.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RouteRecord {
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path, with placeholders: `/orders/{id}`, `/files/{path+}`.
    pub path: String,
}

/// A parameter of a handler with a route, or of an authorizer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ParameterRecord {
    /// The place: `path`, `query`, `header`, `cookie`, `body`, `authorizer` for what that has found out, and
    /// `request` for the whole request that an authorizer takes.
    #[serde(rename = "in")]
    pub place: String,
    /// The name; empty for the body, and for a parameter that takes the whole query, context or request.
    pub name: String,
    /// The type, as it is written.
    #[serde(rename = "type")]
    pub ty: String,
    /// A request without it gets a `400`.
    pub required: bool,
}

/// The kind of events that a handler takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Events of any kind.
    Event,
    /// HTTP requests.
    Http,
    /// Those of a Lambda authorizer.
    Authorizer,
}

/// Returns the records in an executable, in the order of the file. There are none if it is not a
/// Lambda function, or one that was written without the macros.
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
/// If a record has an unknown version: the executable is newer than this crate.
pub fn read(file: &[u8]) -> Result<Vec<Record>, UnknownVersion> {
    #[derive(Deserialize)]
    struct VersionOnly {
        version: u32,
    }

    let mut records = Vec::new();
    let mut rest = file;
    while let Some(at) = rest.windows(MARK.len()).position(|bytes| bytes == MARK) {
        rest = rest.split_at(at + MARK.len()).1;
        // Every program that looks for the mark contains the mark alone.
        let Some(json) = json(rest) else { continue };
        match serde_json::from_slice(json) {
            Ok(VersionOnly { version: 1 }) => {
                records.extend(serde_json::from_slice::<Record>(json));
            }
            Ok(VersionOnly { version }) => return Err(UnknownVersion(version)),
            Err(_) => {}
        }
    }
    Ok(records)
}

/// Returns the JSON that follows the mark.
fn json(record: &[u8]) -> Option<&[u8]> {
    let (length, rest) = record.split_first_chunk()?;
    rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// A record has a version that this crate does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVersion(u32);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the executable has a record of version {}, but only version {VERSION} is supported",
            self.0
        )
    }
}

impl std::error::Error for UnknownVersion {}

/// The contents of a record; part of the code that the macros emit.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub input: Option<&'a str>,
    pub output: &'a str,
    pub types: &'a [&'a str],
    pub doc: &'a str,
    pub routes: &'a [RouteDescription<'a>],
    pub parameters: &'a [ParameterDescription<'a>],
    pub source: Option<SourceDescription<'a>>,
    pub auth: Option<&'a str>,
    pub named: bool,
}

/// The type, and the name if there is one.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct SourceDescription<'a>(pub &'a str, pub Option<&'a str>);

/// A method and a path.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct RouteDescription<'a>(pub &'a str, pub &'a str);

/// The place, the name, the type, and whether it is required.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ParameterDescription<'a>(pub &'a str, pub &'a str, pub &'a str, pub bool);

impl Description<'_> {
    /// Returns the number of bytes of the record.
    #[must_use]
    pub const fn size(&self) -> usize {
        RecordWriter::<0>::write(self).length
    }

    /// Returns the record, of that size.
    #[must_use]
    pub const fn record<const SIZE: usize>(&self) -> [u8; SIZE] {
        RecordWriter::write(self).bytes
    }
}

/// Writes as much as there is room for, and counts the rest.
struct RecordWriter<const SIZE: usize> {
    bytes: [u8; SIZE],
    length: usize,
}

impl<const SIZE: usize> RecordWriter<SIZE> {
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
            Kind::Authorizer => "authorizer",
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
        writer.bytes(b"]");
        if !description.doc.is_empty() {
            writer.bytes(b",\"doc\":");
            writer.text(description.doc);
        }
        writer.routes(description.routes);
        writer.parameters(description.parameters);
        if let Some(SourceDescription(kind, name)) = description.source {
            writer.bytes(b",\"source\":{\"type\":");
            writer.text(kind);
            if let Some(name) = name {
                writer.bytes(b",\"name\":");
                writer.text(name);
            }
            writer.byte(b'}');
        }
        if let Some(auth) = description.auth {
            writer.bytes(b",\"auth\":");
            writer.text(auth);
        }
        if description.named {
            writer.bytes(b",\"named\":true");
        }
        writer.bytes(b"}");
        writer
    }

    const fn routes(&mut self, routes: &[RouteDescription<'_>]) {
        if routes.is_empty() {
            return;
        }
        self.bytes(b",\"routes\":[");
        let mut routes = routes;
        while let [RouteDescription(method, path), rest @ ..] = routes {
            self.bytes(b"{\"method\":");
            self.text(method);
            self.bytes(b",\"path\":");
            self.text(path);
            self.bytes(if rest.is_empty() { b"}" } else { b"}," });
            routes = rest;
        }
        self.byte(b']');
    }

    const fn parameters(&mut self, parameters: &[ParameterDescription<'_>]) {
        if parameters.is_empty() {
            return;
        }
        self.bytes(b",\"parameters\":[");
        let mut parameters = parameters;
        while let [ParameterDescription(place, name, ty, required), rest @ ..] = parameters {
            self.bytes(b"{\"in\":");
            self.text(place);
            self.bytes(b",\"name\":");
            self.text(name);
            self.bytes(b",\"type\":");
            self.text(ty);
            self.bytes(if *required { b",\"required\":true" } else { b",\"required\":false" });
            self.bytes(if rest.is_empty() { b"}" } else { b"}," });
            parameters = rest;
        }
        self.byte(b']');
    }

    /// Writes a JSON string. Source code has no control characters.
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
            #[expect(clippy::indexing_slicing, reason = "the length was just compared")]
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
        doc: "Places an \"order\".",
        routes: &[RouteDescription("POST", "/orders"), RouteDescription("PUT", "/orders/{id}")],
        parameters: &[
            ParameterDescription("path", "id", "Option<u64>", false),
            ParameterDescription("body", "", "Order<'_>", true),
        ],
        source: Some(SourceDescription("sqs", Some("OrderQueue"))),
        auth: Some("check"),
        named: true,
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
            doc: "Places an \"order\".".into(),
            routes: [("POST", "/orders"), ("PUT", "/orders/{id}")]
                .map(|(method, path)| RouteRecord { method: method.into(), path: path.into() })
                .into(),
            parameters: [("path", "id", "Option<u64>", false), ("body", "", "Order<'_>", true)]
                .map(|(place, name, ty, required)| ParameterRecord {
                    place: place.into(),
                    name: name.into(),
                    ty: ty.into(),
                    required,
                })
                .into(),
            source: Some(SourceRecord { kind: "sqs".into(), name: Some("OrderQueue".into()) }),
            auth: Some("check".into()),
            named: true,
        }
    }

    #[test]
    fn records_are_found_among_other_bytes_and_marks() {
        let none = Description {
            kind: Kind::Http,
            input: None,
            types: &[],
            doc: "",
            routes: &[],
            parameters: &[],
            source: Some(SourceDescription("kinesis", None)),
            auth: None,
            named: false,
            ..DESCRIPTION
        };
        let mut none_record = vec![0; none.size()];
        none_record.copy_from_slice(&none.record::<250>()[..none.size()]);
        none_record[MARK.len()] = u8::try_from(none.size() - HEAD).unwrap();
        let file = [b"ELF", &MARK[..], &RECORD, &MARK, b"\xff", &none_record, &MARK[..7]].concat();
        let http = Record {
            kind: Kind::Http,
            input: None,
            types: Vec::new(),
            doc: String::new(),
            routes: Vec::new(),
            parameters: Vec::new(),
            source: Some(SourceRecord { kind: "kinesis".into(), name: None }),
            auth: None,
            named: false,
            ..expected()
        };
        assert_eq!(read(&file), Ok(vec![expected(), http]));
        assert_eq!(read(b""), Ok(Vec::new()));
        assert_eq!(read(&RECORD[..RECORD.len() - 1]), Ok(Vec::new()));
    }

    #[test]
    fn refuses_a_record_of_an_unknown_version() {
        let mut record = RECORD;
        record[HEAD + r#"{"version":"#.len()] = b'2';
        let error = read(&record).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the executable has a record of version 2, but only version 1 is supported"
        );
    }
}
