//! The YAML of a template: values with their lines, as written.

use saphyr::{AnnotatedMapping, MarkedYaml, ScalarStyle, YamlData, YamlLoader};
use saphyr_parser::{Parser, Tag};

use super::problem::{Problem, Read};

/// A value, and the line that it is on.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// What is written there; numbers and booleans are text until something else is wanted.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// Something that only AWS knows, as the template says it: `!GetAtt Table.Arn`.
    Unknown(String),
}

/// Reads a template; functions in the short form become the long one: `!Ref X` is `{Ref: X}`.
pub(super) fn read(text: &str) -> Read<Node> {
    let mut loader = YamlLoader::<MarkedYaml<'_>>::default();
    // Numbers stay as they are written: `1.10` is a version as often as a number.
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, false).map_err(|error| {
        Problem::at(error.marker().line(), format!("it is not YAML: {}", error.info()))
    })?;
    match loader.into_documents().first() {
        Some(document) => node(document),
        None => Ok(Node { line: 1, value: Value::Null }),
    }
}

fn node(yaml: &MarkedYaml<'_>) -> Read<Node> {
    let line = yaml.span.start.line();
    let value = match &yaml.data {
        YamlData::Representation(text, style, tag) => {
            let is_null = matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
            let value = match *style {
                ScalarStyle::Plain if is_null => Value::Null,
                _ => Value::Text(text.clone().into_owned()),
            };
            match tag {
                Some(tag) => tagged(tag, Node { line, value }),
                None => value,
            }
        }
        YamlData::Sequence(list) => Value::List(list.iter().map(node).collect::<Read<_>>()?),
        YamlData::Mapping(map) => Value::Map(entries(map)?),
        YamlData::Tagged(tag, inner) => tagged(tag, node(inner)?),
        YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => {
            return Err(Problem::at(line, "this value cannot be read"));
        }
    };
    Ok(Node { line, value })
}

fn entries(map: &AnnotatedMapping<'_, MarkedYaml<'_>>) -> Read<Vec<(String, Node)>> {
    let mut entries = Vec::with_capacity(map.len());
    for (key, value) in map {
        let mut value = node(value)?;
        let Value::Text(name) = node(key)?.value else {
            return Err(Problem::at(key.span.start.line(), "a name was expected before `:`"));
        };
        // What a list or a map is the value of says more than its first line.
        if !matches!(value.value, Value::Text(_)) {
            value.line = key.span.start.line();
        }
        entries.push((name, value));
    }
    Ok(entries)
}

/// `!GetAtt A.B` is `{Fn::GetAtt: A.B}`; tags of YAML itself mean nothing here.
fn tagged(tag: &Tag, node: Node) -> Value {
    if tag.handle != "!" {
        return node.value;
    }
    let name = match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    };
    Value::Map(vec![(name, node)])
}

impl Node {
    /// What a map has under `name`; nothing where this is no map.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.entries().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text that a map has under `name`.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::text)
    }

    /// The map with this under `name`.
    pub(super) fn with(mut self, name: &str, node: Self) -> Self {
        let mut entries = self.entries().to_vec();
        entries.retain(|(key, _)| key != name);
        entries.push((name.to_owned(), node));
        self.value = Value::Map(entries);
        self
    }

    /// By a way through maps.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list of texts, or one text as a list of one.
    pub(super) fn texts(&self) -> Vec<String> {
        match &self.value {
            Value::Text(text) => vec![text.clone()],
            _ => self.items().iter().filter_map(Self::text).map(str::to_owned).collect(),
        }
    }
}
