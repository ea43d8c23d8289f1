//! The YAML of a template: values with their lines, as SAM reads them.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value};

use super::diagnostics::{Diagnostic, ReadResult};
use super::scalar;

/// A value and its line.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: NodeValue,
}

#[derive(Clone, Debug)]
pub(super) enum NodeValue {
    Null,
    /// Numbers and booleans too, in the form in which SAM writes them.
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// A call that only a deployment can evaluate, as the template writes it: `!GetAtt Table.Arn`.
    Unknown(String),
}

/// The value of a property that is absent.
pub(super) static NULL: Node = Node { line: 0, value: NodeValue::Null };

/// The memory in bytes that the values of a template can take. `CloudFormation` accepts templates of up to
/// 1 MB ("`CloudFormation` quotas"); a few aliases or intrinsic functions can multiply one without end.
pub(super) const MAX_SIZE: usize = 32 << 20;

/// The number of values that can be nested in each other.
const MAX_DEPTH: usize = 100;

/// Parses a template. Of equal keys, the last one counts. Intrinsic functions in the short form become the
/// long one: `!Ref X` is `{Ref: X}`.
pub(super) fn parse(text: &str) -> ReadResult<Node> {
    let events = Parser::new_from_str(text);
    let mut composer = Composer { events, anchors: HashMap::new(), size: 0 };
    loop {
        match composer.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => {
                return Ok(Node { line: 1, value: NodeValue::Null });
            }
            (event, span) => return composer.node(event, span, 0),
        }
    }
}

/// Composes values from the events of the parser.
struct Composer<E> {
    events: E,
    /// The values with an anchor, to which aliases refer by its number.
    anchors: HashMap<usize, Node>,
    /// The size of all values so far.
    size: usize,
}

impl<'a, E: Iterator<Item = Result<(Event<'a>, Span), ScanError>>> Composer<E> {
    fn next(&mut self) -> ReadResult<(Event<'a>, Span)> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let message = format!("invalid YAML: {}", error.info());
                Err(Diagnostic::new(error.marker().line(), message))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// Composes the value that begins with this event.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> ReadResult<Node> {
        let line = span.start.line();
        self.add(line, size_of::<Node>(), depth)?;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.add(line, text.len(), depth)?;
                (scalar_value(line, text, style, tag.as_deref()), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => items.push(self.node(event, span, depth + 1)?),
                    }
                }
                (tagged(tag.as_deref(), line, NodeValue::List(items)), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                let entries = self.entries(depth + 1)?;
                (tagged(tag.as_deref(), line, NodeValue::Map(entries)), anchor)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(Diagnostic::new(line, "this alias stands inside its own anchor"));
                };
                self.add(line, node.size(), depth + node.depth())?;
                return Ok(Node { line, ..node });
            }
            _ => return Err(Diagnostic::new(line, "unsupported YAML value")),
        };
        let node = Node { line, value };
        if anchor != 0 {
            self.add(line, node.size(), depth)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn entries(&mut self, depth: usize) -> ReadResult<Vec<(String, Node)>> {
        let (mut entries, mut merged) = (Entries::default(), Entries::default());
        loop {
            let (event, span) = self.next()?;
            let line = span.start.line();
            let is_merge = match &event {
                Event::MappingEnd => break,
                Event::Scalar(text, ScalarStyle::Plain, _, None) => text == "<<",
                _ => false,
            };
            let name = key(&event);
            // An anchor on the name is rare, but valid.
            self.node(event, span, depth)?;
            let (event, span) = self.next()?;
            let mut value = self.node(event, span, depth)?;
            if is_merge {
                merge(line, value, &mut merged)?;
                continue;
            }
            let name = name.ok_or_else(|| Diagnostic::new(line, "expected a name before `:`"))?;
            // The line of the name says more than that of the first item.
            if !matches!(value.value, NodeValue::Text(_)) {
                value.line = line;
            }
            entries.set(name, value);
        }
        for (name, value) in entries.list {
            merged.set(name, value);
        }
        Ok(merged.list)
    }

    /// Checks the limits for a value.
    fn add(&mut self, line: usize, size: usize, depth: usize) -> ReadResult<()> {
        self.size += size;
        if depth > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} values are nested in each other");
            return Err(Diagnostic::new(line, message).hint("reduce the nesting"));
        }
        check_size(line, self.size)
    }
}

/// Fails if the values of a template take too much memory.
pub(super) fn check_size(line: usize, size: usize) -> ReadResult<()> {
    if size <= MAX_SIZE {
        return Ok(());
    }
    let message = format!("the template takes more than {} MB", MAX_SIZE >> 20);
    Err(Diagnostic::new(line, message)
        .hint("aliases and intrinsic functions must not multiply their values so often"))
}

/// The entries of a map, in the order in which their names first occur.
#[derive(Default)]
struct Entries {
    list: Vec<(String, Node)>,
    indices: HashMap<String, usize>,
}

impl Entries {
    /// Adds an entry, or replaces the value of the one with this name.
    fn set(&mut self, name: String, node: Node) {
        match self.indices.get(&name).and_then(|index| self.list.get_mut(*index)) {
            Some((_, old)) => *old = node,
            None => {
                self.indices.insert(name.clone(), self.list.len());
                self.list.push((name, node));
            }
        }
    }
}

/// Adds what the key `<<` refers to: a map, or a list of maps, of which the first one wins.
fn merge(line: usize, value: Node, entries: &mut Entries) -> ReadResult<()> {
    let maps = match value.value {
        NodeValue::List(maps) => maps,
        _ => vec![value],
    };
    for map in maps.into_iter().rev() {
        let NodeValue::Map(map) = map.value else {
            return Err(Diagnostic::new(line, "expected a map, or a list of maps, after `<<`"));
        };
        for (name, value) in map {
            entries.set(name, value);
        }
    }
    Ok(())
}

/// Returns the name that a key is, if it is a text.
fn key(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Scalar(text, style, ..) => match (style, scalar::read(text)) {
            (ScalarStyle::Plain, None) => None,
            _ => Some(text.clone().into_owned()),
        },
        _ => None,
    }
}

fn scalar_value(
    line: usize,
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> NodeValue {
    // A tag other than those of numbers makes it a text.
    let is_plain = style == ScalarStyle::Plain
        && tag
            .is_none_or(|tag| matches!(tag.core_suffix(), Some("bool" | "float" | "int" | "null")));
    let text = if is_plain { scalar::read(&text) } else { Some(text.into_owned()) };
    let value = text.map_or(NodeValue::Null, NodeValue::Text);
    tagged(tag, line, value)
}

/// Converts `!GetAtt A.B` into `{Fn::GetAtt: A.B}`. The tags of YAML itself are ignored.
fn tagged(tag: Option<&Tag>, line: usize, value: NodeValue) -> NodeValue {
    let Some(tag) = tag.filter(|tag| tag.handle() == "!") else { return value };
    let name = match tag.suffix() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    };
    NodeValue::Map(vec![(name, Node { line, value })])
}

impl Node {
    /// The memory in bytes that it takes.
    pub(super) fn size(&self) -> usize {
        let own = match &self.value {
            NodeValue::Null => 0,
            NodeValue::Text(text) | NodeValue::Unknown(text) => text.len(),
            NodeValue::List(items) => items.iter().map(Self::size).sum(),
            NodeValue::Map(entries) => {
                entries.iter().map(|(name, value)| name.len() + value.size()).sum()
            }
        };
        size_of::<Self>() + own
    }

    /// The number of values that are nested in each other, itself not included.
    fn depth(&self) -> usize {
        match &self.value {
            NodeValue::List(items) => items.iter().map(|item| item.depth() + 1).max(),
            NodeValue::Map(entries) => entries.iter().map(|(_, value)| value.depth() + 1).max(),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// Returns a map's value for `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.entries().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Follows a path through nested maps.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    pub(super) fn texts_of(&self, name: &str) -> Vec<String> {
        self.get(name).map(Self::texts).unwrap_or_default()
    }

    pub(super) fn entries_of(&self, name: &str) -> &[(String, Self)] {
        self.get(name).map(Self::entries).unwrap_or_default()
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.text_of(name) == Some("true")
    }

    /// Replaces or adds an entry of a map.
    pub(super) fn set(&mut self, name: &str, node: Self) {
        let mut entries = self.entries().to_vec();
        entries.retain(|(key, _)| key != name);
        entries.push((name.to_owned(), node));
        self.value = NodeValue::Map(entries);
    }

    /// The entries of a map; empty for anything else.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            NodeValue::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; empty for anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            NodeValue::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a list; a single text counts as a list of one.
    pub(super) fn texts(&self) -> Vec<String> {
        match &self.value {
            NodeValue::Text(text) => vec![text.clone()],
            _ => self.items().iter().filter_map(Self::text).map(str::to_owned).collect(),
        }
    }
    /// Returns it as JSON, in which all scalars are strings, and what only a deployment knows is left out.
    pub(super) fn json(&self) -> Value {
        match &self.value {
            NodeValue::Null | NodeValue::Unknown(_) => Value::Null,
            NodeValue::Text(text) => Value::String(text.clone()),
            NodeValue::List(items) => items.iter().map(Self::json).collect(),
            NodeValue::Map(entries) => {
                let entries = entries.iter().map(|(name, node)| (name.clone(), node.json()));
                Value::Object(entries.filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
            }
        }
    }
}
