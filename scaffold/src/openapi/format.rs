//! Writes a document as JSON or YAML, with the members in the order in which people read them.

use std::path::Path;

use clap::ValueEnum;
use saphyr::{Mapping, Scalar, Yaml, YamlEmitter};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use crate::term::error::{ErrorContext, Result};

/// The format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

impl Format {
    /// Returns the format that the name of a file tells: YAML for `.yaml` and `.yml`.
    pub(crate) fn of_file(path: &Path) -> Self {
        match path.extension() {
            Some(extension) if extension == "yaml" || extension == "yml" => Self::Yaml,
            _ => Self::Json,
        }
    }

    /// Writes the document, with a line break at its end.
    pub(crate) fn write(self, document: &Value) -> Result<String> {
        let text = match self {
            Self::Json => serde_json::to_string_pretty(&Ordered("", document))
                .context(|| "cannot write the document as JSON")?,
            Self::Yaml => {
                let mut text = String::new();
                let mut emitter = YamlEmitter::new(&mut text);
                emitter.multiline(true);
                emitter
                    .dump(&yaml("", document))
                    .context(|| "cannot write the document as YAML")?;
                // A document alone in its file needs no mark.
                text.strip_prefix("---\n").map_or(text.clone(), str::to_owned)
            }
        };
        Ok(text + "\n")
    }
}

/// The members whose own members have names that the project chose, and not OpenAPI.
const NAMES: [&str; 3] = ["headers", "properties", "schemas"];

/// The members that come first. Others follow in the order of the alphabet.
const FIRST: [&str; 21] = [
    "openapi",
    "info",
    "title",
    "version",
    "tags",
    "operationId",
    "name",
    "in",
    "summary",
    "description",
    "type",
    "format",
    "required",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "parameters",
    "requestBody",
    "responses",
];

/// Returns the members of the value with this name in order.
fn ordered<'a>(parent: &str, members: &'a Map<String, Value>) -> Vec<(&'a String, &'a Value)> {
    let mut members: Vec<_> = members.iter().collect();
    let first = if NAMES.contains(&parent) { &[][..] } else { &FIRST };
    let rank = |name: &str| {
        let last = usize::from(name == "components");
        (last, first.iter().position(|first| *first == name).unwrap_or(first.len()))
    };
    members.sort_by(|(one, _), (other, _)| (rank(one), one).cmp(&(rank(other), other)));
    members
}

/// A value whose members are in order, with its name.
struct Ordered<'a>(&'a str, &'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Self(name, value) = self;
        match value {
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, member) in ordered(name, members) {
                    map.serialize_entry(name, &Ordered(name, member))?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Ordered("", item))?;
                }
                list.end()
            }
            value => value.serialize(serializer),
        }
    }
}

fn yaml<'a>(name: &str, value: &'a Value) -> Yaml<'a> {
    match value {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(value) => Yaml::Value(Scalar::Boolean(*value)),
        // As it is in JSON, which is YAML, too.
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Yaml::Value(Scalar::Integer(integer)),
            None => {
                Yaml::Representation(number.to_string().into(), saphyr::ScalarStyle::Plain, None)
            }
        },
        Value::String(text) => Yaml::Value(Scalar::String(text.into())),
        Value::Array(items) => Yaml::Sequence(items.iter().map(|item| yaml("", item)).collect()),
        Value::Object(members) => {
            let mut mapping = Mapping::new();
            for (name, member) in ordered(name, members) {
                mapping.insert(Yaml::Value(Scalar::String(name.into())), yaml(name, member));
            }
            Yaml::Mapping(mapping)
        }
    }
}
