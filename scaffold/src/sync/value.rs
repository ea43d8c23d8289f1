//! Values that are written into a document.

use super::document::{Entry, Node, Value};

/// A value to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NewValue {
    Text(String),
    /// YAML on one line, as the document has it elsewhere: `!Ref Api`.
    Source(String),
    /// Written on one line.
    List(Vec<NewValue>),
    Map(Vec<(String, NewValue)>),
}

/// The notation of a value on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Yaml,
    Json,
}

impl NewValue {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Copies a value of a document. Returns `None` if it is one of several lines that cannot be written
    /// on one, or if it has an anchor, which would be defined twice.
    pub(super) fn copy(node: &Node, text: &str) -> Option<Self> {
        if node.anchor != 0 {
            return None;
        }
        let source = text.get(node.range.clone())?;
        match &node.value {
            Value::Map(map) if !map.is_flow && node.tag.is_none() => {
                let copy = |Entry { key, value }: &Entry| {
                    Some((key.text()?.to_owned(), Self::copy(value, text)?))
                };
                map.entries.iter().map(copy).collect::<Option<_>>().map(Self::Map)
            }
            Value::List(items) if node.tag.is_none() && !source.starts_with('[') => {
                let items = items.iter().map(|item| Self::copy(item, text));
                items.collect::<Option<_>>().map(Self::List)
            }
            _ if source.is_empty() => Some(Self::Source("null".to_owned())),
            _ if source.contains('\n') || source.contains('&') => None,
            _ => Some(Self::Source(source.to_owned())),
        }
    }

    /// Writes an entry of a block, whose lines start with `indent` spaces, or more by `step` for each level.
    pub(super) fn block(&self, key: &str, indent: usize, step: usize, lines: &mut Vec<String>) {
        let start = " ".repeat(indent);
        let name = scalar(key, false);
        match self {
            Self::Text(text) => lines.push(format!("{start}{name}: {}", scalar(text, false))),
            Self::Source(source) => lines.push(format!("{start}{name}: {source}")),
            Self::List(_) => {
                lines.push(format!("{start}{name}: {}", self.flow_value(Notation::Yaml)));
            }
            Self::Map(entries) => {
                lines.push(format!("{start}{name}:"));
                for (key, value) in entries {
                    value.block(key, indent + step, step, lines);
                }
            }
        }
    }

    /// Writes an entry of a flow mapping, on one line.
    pub(super) fn flow(&self, key: &str, notation: Notation) -> String {
        format!("{}: {}", flow_scalar(key, notation), self.flow_value(notation))
    }

    /// Writes the value on one line.
    pub(super) fn flow_value(&self, notation: Notation) -> String {
        match self {
            Self::Text(text) => flow_scalar(text, notation),
            Self::Source(source) => source.clone(),
            Self::List(items) => {
                let items = items.iter().map(|item| item.flow_value(notation));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Self::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| value.flow(key, notation));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn flow_scalar(text: &str, notation: Notation) -> String {
    match notation {
        Notation::Yaml => scalar(text, true),
        Notation::Json => serde_json::Value::from(text).to_string(),
    }
}

/// Writes a text, in quotes if it needs them.
fn scalar(text: &str, is_flow: bool) -> String {
    if is_plain(text, is_flow) { text.to_owned() } else { single_quoted(text) }
}

/// Replaces a scalar in the notation that it has.
pub(super) fn like(old: &Node, text: &str, is_flow: bool) -> String {
    use granit_parser::ScalarStyle::{DoubleQuoted, SingleQuoted};
    match &old.value {
        Value::Scalar { style: DoubleQuoted, .. } => serde_json::Value::from(text).to_string(),
        Value::Scalar { style: SingleQuoted, .. } => single_quoted(text),
        _ => scalar(text, is_flow),
    }
}

fn single_quoted(text: &str) -> String {
    if text.contains(char::is_control) {
        // Only in double quotes can these be escaped.
        return serde_json::Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Checks whether a text needs no quotes. Some that need none get them.
fn is_plain(text: &str, is_flow: bool) -> bool {
    let is_safe = |c: char| {
        c.is_alphanumeric() || "/_-.+~$@*=%!&'() :".contains(c) || (!is_flow && "{},[]".contains(c))
    };
    text.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic())
        && text.chars().all(is_safe)
        && !text.ends_with([':', ' '])
        && ![": ", " #"].iter().any(|it| text.contains(it))
        && !is_word_of_yaml(text)
}

/// Checks whether YAML 1.1 reads a text as a boolean or as null.
fn is_word_of_yaml(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        .contains(&text.to_ascii_lowercase().as_str())
}
