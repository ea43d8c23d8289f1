//! A YAML document as a tree of values with their places in the text, so that an edit changes nothing else.
//!
//! JSON is YAML, so it works for `template.json` too.

use std::collections::BTreeSet;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StructureStyle};

/// The number of values that can be nested in each other.
const MAX_DEPTH: usize = 100;

/// A value.
#[derive(Debug)]
pub(super) struct Node {
    /// The bytes of the value, with its tag and without its anchor. A block ends after its last value.
    pub(super) range: Range<usize>,
    /// The tag as it is written: `!Ref`.
    pub(super) tag: Option<String>,
    /// The number of its anchor; 0 if it has none.
    pub(super) anchor: usize,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar {
        text: String,
        style: ScalarStyle,
    },
    /// A reference to the anchor with this name: `*name`.
    Alias(String),
    List(Vec<Node>),
    Map(Map),
}

#[derive(Debug, Default)]
pub(super) struct Map {
    pub(super) is_flow: bool,
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Node,
    pub(super) value: Node,
}

/// The root of a document, and the numbers of the anchors that aliases refer to.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Node,
    pub(super) aliased: BTreeSet<usize>,
}

/// Parses the first document of a text.
pub(super) fn parse(text: &str) -> Result<Tree, String> {
    let mut reader = Reader { text, events: Parser::new_from_str(text), aliased: BTreeSet::new() };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => return Err("it is empty".to_owned()),
            (event, span) => {
                let root = reader.node(event, span, 0)?;
                return Ok(Tree { root, aliased: reader.aliased });
            }
        }
    }
}

struct Reader<'a, E> {
    text: &'a str,
    events: E,
    aliased: BTreeSet<usize>,
}

impl<'a, E: Iterator<Item = Result<(Event<'a>, Span), ScanError>>> Reader<'a, E> {
    fn next(&mut self) -> Result<(Event<'a>, Span), String> {
        match self.events.next() {
            Some(event) => event.map_err(|error| format!("invalid YAML: {}", error.info())),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} values are nested in each other"));
        }
        let own = span.byte_range().unwrap_or_default();
        let tag_range = span.tag_span().and_then(|span| span.byte_range());
        let tag = tag_range.clone().and_then(|range| self.text.get(range)).map(str::to_owned);
        let (value, anchor, end) = match event {
            Event::Scalar(text, style, anchor, _) => {
                (Value::Scalar { text: text.into_owned(), style }, anchor, own.end)
            }
            Event::Alias(anchor) => {
                self.aliased.insert(anchor);
                let name = self.text.get(own.clone()).unwrap_or_default();
                (Value::Alias(name.to_owned()), 0, own.end)
            }
            Event::SequenceStart(style, anchor, _) => {
                let is_flow = style == StructureStyle::Flow;
                let mut items = Vec::new();
                let end = loop {
                    match self.next()? {
                        (Event::SequenceEnd, span) => break span,
                        (event, span) => items.push(self.node(event, span, depth + 1)?),
                    }
                };
                let last = items.last().map(|item| item.range.end);
                (Value::List(items), anchor, end_of(is_flow, end, last, own.end))
            }
            Event::MappingStart(style, anchor, _) => {
                let is_flow = style == StructureStyle::Flow;
                let mut entries = Vec::new();
                let end = loop {
                    let key = match self.next()? {
                        (Event::MappingEnd, span) => break span,
                        (event, span) => self.node(event, span, depth + 1)?,
                    };
                    let (event, span) = self.next()?;
                    let mut value = self.node(event, span, depth + 1)?;
                    if value.range.is_empty() {
                        // The parser puts a value that is left out anywhere after the colon.
                        let rest = self.text.get(key.range.end..).unwrap_or_default();
                        let colon = rest.find(':').map_or(0, |colon| colon + 1);
                        value.range = key.range.end + colon..key.range.end + colon;
                    }
                    entries.push(Entry { key, value });
                };
                let last = entries.last().map(|entry| entry.value.range.end);
                let end = end_of(is_flow, end, last, own.end);
                (Value::Map(Map { is_flow, entries }), anchor, end)
            }
            _ => return Err("it has an unsupported value".to_owned()),
        };
        let start = tag_range.as_ref().map_or(own.start, |tag| tag.start.min(own.start));
        let end = end.max(tag_range.map_or(0, |tag| tag.end));
        let is_block_scalar = matches!(
            value,
            Value::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. }
        );
        let end = if is_block_scalar {
            self.text.get(..end).map_or(end, |it| it.trim_end().len())
        } else {
            end
        };
        Ok(Node { range: start..end.max(start), tag, anchor, value })
    }
}

/// Returns the end of a collection: after its bracket, or after its last value.
fn end_of(is_flow: bool, end: Span, last: Option<usize>, start: usize) -> usize {
    let bracket = end.end.byte_offset().unwrap_or(start);
    if is_flow { bracket } else { last.unwrap_or(start) }
}

impl Node {
    /// Returns the map, if it is one without a tag.
    pub(super) fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) if self.tag.is_none() => Some(map),
            _ => None,
        }
    }

    /// Returns the text of a scalar without a tag.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if self.tag.is_none() => Some(text),
            _ => None,
        }
    }

    /// Returns the name in `!Ref NAME`.
    pub(super) fn reference(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if self.tag.as_deref() == Some("!Ref") => Some(text),
            _ => None,
        }
    }

    /// Checks whether it is left out, or `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, style: ScalarStyle::Plain }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
            && self.tag.is_none()
    }

    /// Returns the value of a map for a key.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.get(key)
    }

    /// Follows a path through nested maps.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The keys and values of a map; nothing for anything else.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Node)> {
        let entries = self.map().map(|map| map.entries.as_slice()).unwrap_or_default();
        entries.iter().filter_map(|Entry { key, value }| Some((key.text()?, value)))
    }
}

impl Map {
    /// Returns the index of the entry with a key. Of equal keys, the last one counts.
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        self.entries.iter().rposition(|entry| entry.key.text() == Some(key))
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(self.position(key)?).map(|entry| &entry.value)
    }

    /// Checks whether its keys are in double quotes, as in JSON.
    pub(super) fn is_json(&self) -> bool {
        self.is_flow
            && self.entries.first().is_some_and(|Entry { key, .. }| {
                matches!(key.value, Value::Scalar { style: ScalarStyle::DoubleQuoted, .. })
            })
    }
}
