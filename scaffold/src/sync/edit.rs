//! Edits of a document: each changes the lines of one entry, and is checked before the next one.
//!
//! After an edit, the text is parsed again and compared with what the edit should have made of the old
//! values. So a document with a layout that nobody thought of is refused instead of damaged.

use std::ops::Range;

use super::document::{self, Entry, Map, Node, Tree, Value};
use super::outline::Outline;
use super::value::{self, NewValue, Notation};

/// A document that is being edited.
#[derive(Debug)]
pub(super) struct Editor {
    text: String,
    tree: Tree,
    /// `\n` or `\r\n`.
    line_break: &'static str,
}

/// A range of the text, and what takes its place.
type Splice = (Range<usize>, String);

/// The reason why an edit is not possible, as part of a sentence.
pub(super) type Refusal = String;

impl Editor {
    pub(super) fn new(text: &str) -> Result<Self, Refusal> {
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Ok(Self { text: text.to_owned(), tree: document::parse(text)?, line_break })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn root(&self) -> &Node {
        &self.tree.root
    }

    /// Adds entries to the end of the map at `path`. The last parts of the path are added if the document
    /// does not have them.
    pub(super) fn append(
        &mut self,
        path: &[&str],
        entries: Vec<(String, NewValue)>,
    ) -> Result<(), Refusal> {
        if entries.is_empty() {
            return Ok(());
        }
        let known = self.known(path)?;
        let (parents, missing) = path.split_at(known);
        let entries = missing
            .iter()
            .rev()
            .fold(entries, |entries, key| vec![((*key).to_owned(), NewValue::Map(entries))]);
        let splices = self.splices_of_append(parents, &entries)?;
        let mut expected = Outline::of(&self.tree.root);
        expected.append(parents, &entries)?;
        self.apply(splices, &expected)
    }

    /// Removes an entry, and each map above it, up to `depth` parts of the path, that it leaves empty.
    pub(super) fn remove(&mut self, path: &[&str], depth: usize) -> Result<(), Refusal> {
        let mut path = path;
        // A block cannot be empty, so `{}` takes its place if its key stays.
        let mut is_emptied = false;
        while let [parents @ .., _] = path {
            is_emptied = self.map(parents)?.entries.len() == 1;
            if !is_emptied || parents.len() <= depth || self.has_comment(parents) {
                break;
            }
            path = parents;
        }
        let [parents @ .., key] = path else { return Ok(()) };
        let map = self.map(parents)?;
        let Some(index) = map.position(key) else { return Ok(()) };
        let splices = match self.removal(map, index) {
            Some(mut splices) => {
                splices.extend(self.braces(parents).filter(|_| is_emptied));
                splices
            }
            None => return Err(layout(key)),
        };
        let mut expected = Outline::of(&self.tree.root);
        expected.remove(path);
        self.apply(splices, &expected)
    }

    /// Replaces a scalar and keeps its quotes.
    pub(super) fn set(&mut self, path: &[&str], text: &str) -> Result<(), Refusal> {
        let [parents @ .., key] = path else { return Ok(()) };
        let map = self.map(parents)?;
        let old = map.get(key).ok_or_else(|| layout(key))?;
        let splice = (old.range.clone(), value::like(old, text, map.is_flow));
        let mut expected = Outline::of(&self.tree.root);
        expected.set(path, Outline::text(text));
        self.apply(vec![splice], &expected)
    }

    /// Replaces a value by one that is written on one line.
    pub(super) fn replace(&mut self, path: &[&str], new: &NewValue) -> Result<(), Refusal> {
        let [parents @ .., key] = path else { return Ok(()) };
        let map = self.map(parents)?;
        let old = map.get(key).filter(|old| old.anchor == 0 && !old.range.is_empty());
        let old = old.ok_or_else(|| layout(key))?;
        let splice = (old.range.clone(), new.flow_value(self.notation(map)));
        let mut expected = Outline::of(&self.tree.root);
        expected.set(path, Outline::new(new)?);
        self.apply(vec![splice], &expected)
    }

    /// Fails if entries cannot be added to the map at `path`.
    pub(super) fn check(&self, path: &[&str]) -> Result<(), Refusal> {
        self.known(path).map(drop)
    }

    /// Returns the number of parts of the path that the document has. Fails if the last of them is not a
    /// map, or is in other places of the document too.
    fn known(&self, path: &[&str]) -> Result<usize, Refusal> {
        let mut node = &self.tree.root;
        for (index, key) in path.iter().enumerate() {
            let name = path.get(index.wrapping_sub(1)).copied().unwrap_or_default();
            self.check_own(node, name)?;
            let Some(map) = node.map() else { return Err(format!("`{name}` is not a map")) };
            match map.get(key) {
                // It gets a value.
                Some(value) if value.is_null() => return Ok(index),
                Some(value) => node = value,
                None if map.get("<<").is_some() => {
                    return Err(format!("`{name}` takes values from another place with `<<`"));
                }
                None => return Ok(index),
            }
        }
        let name = path.last().copied().unwrap_or_default();
        self.check_own(node, name)?;
        if node.map().is_none() {
            return Err(format!("`{name}` is not a map"));
        }
        Ok(path.len())
    }

    /// Fails if a change of the value changes others.
    fn check_own(&self, node: &Node, name: &str) -> Result<(), Refusal> {
        match &node.value {
            Value::Alias(alias) => Err(format!("`{name}` is the alias `{alias}`")),
            _ if self.tree.aliased.contains(&node.anchor) => {
                Err(format!("`{name}` has an anchor that other parts use"))
            }
            _ => Ok(()),
        }
    }

    fn map(&self, path: &[&str]) -> Result<&Map, Refusal> {
        let name = path.last().copied().unwrap_or_default();
        let mut node = &self.tree.root;
        for key in path {
            node = node.get(key).ok_or_else(|| layout(key))?;
            self.check_own(node, key)?;
        }
        node.map().ok_or_else(|| format!("`{name}` is not a map"))
    }

    /// Applies replacements, the last one first, and compares the result with what is expected.
    fn apply(&mut self, mut splices: Vec<Splice>, expected: &Outline) -> Result<(), Refusal> {
        splices.sort_by_key(|(range, _)| range.start);
        let mut text = self.text.clone();
        for (range, new) in splices.iter().rev() {
            text.replace_range(range.clone(), new);
        }
        let unexpected = || "its layout is not one that can be edited".to_owned();
        let tree = document::parse(&text).map_err(|_| unexpected())?;
        if Outline::of(&tree.root) != *expected {
            return Err(unexpected());
        }
        (self.text, self.tree) = (text, tree);
        Ok(())
    }

    fn splices_of_append(
        &self,
        path: &[&str],
        entries: &[(String, NewValue)],
    ) -> Result<Vec<Splice>, Refusal> {
        let name = path.last().copied().unwrap_or_default();
        let map = self.map(path)?;
        // A key without a value becomes one with a value in the same place.
        if let [(key, new)] = entries
            && let Some(index) = map.position(key)
        {
            return self.splice_of_null(map, index, new).ok_or_else(|| layout(name));
        }
        let splices = match map.entries.last() {
            Some(last) if map.is_flow => self.append_in_flow(map, last, path, entries),
            Some(last) => self.append_in_block(map, last, entries),
            None => self.fill(path, entries),
        };
        splices.ok_or_else(|| layout(name))
    }

    fn append_in_block(
        &self,
        map: &Map,
        last: &Entry,
        entries: &[(String, NewValue)],
    ) -> Option<Vec<Splice>> {
        let indent = self.column(map)?;
        let end = self.end_with_comments(last.value.range.end, indent);
        let blank_line = if self.is_spaced(map) { self.line_break } else { "" };
        let blocks =
            entries.chunks(1).map(|entry| blank_line.to_owned() + &*self.block(entry, indent));
        Some(vec![(end..end, blocks.collect())])
    }

    /// Checks whether blank lines separate the resources, if the map is theirs. A single one follows the sections.
    fn is_spaced(&self, map: &Map) -> bool {
        let resources = self.find(&["Resources"]).and_then(Node::map);
        if !resources.is_some_and(|resources| std::ptr::eq(resources, map)) {
            return false;
        }
        let sections = self.root().map().map(|map| map.entries.as_slice()).unwrap_or_default();
        let entries = if map.entries.len() > 1 { &map.entries } else { sections };
        let [.., previous, last] = entries else { return false };
        let between = self.text.get(previous.value.range.end..last.key.range.start);
        // What follows the value and what precedes the key are on their lines.
        let between = between.unwrap_or_default().rsplit_once('\n');
        between.is_some_and(|(lines, _)| lines.split('\n').skip(1).any(|it| it.trim().is_empty()))
    }

    /// Writes entries as a block, each line after a line break.
    fn block(&self, entries: &[(String, NewValue)], indent: usize) -> String {
        let mut lines = Vec::new();
        for (key, value) in entries {
            value.block(key, indent, self.step(), &mut lines);
        }
        lines.iter().flat_map(|line| [self.line_break, line]).collect()
    }

    fn append_in_flow(
        &self,
        map: &Map,
        last: &Entry,
        path: &[&str],
        entries: &[(String, NewValue)],
    ) -> Option<Vec<Splice>> {
        let notation = self.notation(map);
        let entries: Vec<_> =
            entries.iter().map(|(key, value)| value.flow(key, notation)).collect();
        let end = last.value.range.end;
        let close = self.find(path)?.range.end.checked_sub(1)?;
        let comma = self.comma(end, close);
        // Each on a line of its own, if the last one is.
        let line = self.line_start(last.key.range.start);
        let start = self.text.get(line..last.key.range.start)?;
        let line_end = self.line_end(end);
        if start.trim().is_empty() && line_end < close {
            let separator = format!(",{}{start}", self.line_break);
            // The last one has a comma if the last one had one.
            let end_mark = if comma.is_some() { "," } else { "" };
            let new = format!("{}{start}{}{end_mark}", self.line_break, entries.join(&separator));
            // The comma comes first, also if both are for the same position.
            let mut splices = Vec::new();
            if comma.is_none() {
                splices.push((end..end, ",".to_owned()));
            }
            splices.push((line_end..line_end, new));
            return Some(splices);
        }
        let entries = entries.join(", ");
        Some(vec![match comma {
            Some(comma) => (comma..comma, format!(" {entries}")),
            None => (end..end, format!(", {entries}")),
        }])
    }

    /// Gives entries to an empty map, `{}`.
    fn fill(&self, path: &[&str], entries: &[(String, NewValue)]) -> Option<Vec<Splice>> {
        let [parents @ .., key] = path else { return None };
        let parent = self.find(parents)?.map()?;
        let index = parent.position(key)?;
        self.splice_of_null(parent, index, &NewValue::Map(entries.to_vec()))
    }

    /// Replaces an empty value, `{}` or none.
    fn splice_of_null(&self, map: &Map, index: usize, new: &NewValue) -> Option<Vec<Splice>> {
        let Entry { key, value } = map.entries.get(index)?;
        if map.is_flow {
            return Some(vec![(value.range.clone(), new.flow_value(self.notation(map)))]);
        }
        let NewValue::Map(entries) = new else { return None };
        let after_colon = key.range.end + self.text.get(key.range.end..)?.find(':')? + 1;
        let line_end = self.line_end(value.range.end);
        let block = self.block(entries, self.column(map)? + self.step());
        let mut splices = vec![(line_end..line_end, block)];
        if !value.range.is_empty() {
            splices.push((after_colon..value.range.end, String::new()));
        }
        Some(splices)
    }

    /// Checks whether a comment stands between a key and the first entry of its block.
    fn has_comment(&self, path: &[&str]) -> bool {
        self.before_first_entry(path)
            .is_some_and(|range| self.text.get(range).is_some_and(|text| text.contains('#')))
    }

    /// Returns the range between the colon of a key and the first entry of its block.
    fn before_first_entry(&self, path: &[&str]) -> Option<Range<usize>> {
        let [parents @ .., key] = path else { return None };
        let parent = self.find(parents)?.map()?;
        let Entry { key, value } = parent.entries.get(parent.position(key)?)?;
        let map = value.map().filter(|map| !map.is_flow)?;
        let colon = key.range.end + self.text.get(key.range.end..)?.find(':')? + 1;
        Some(colon..map.entries.first()?.key.range.start)
    }

    /// Gives a block that loses its only entry the value `{}`.
    fn braces(&self, path: &[&str]) -> Option<Splice> {
        let start = self.before_first_entry(path)?.start;
        Some((start..start, " {}".to_owned()))
    }

    /// Removes an entry: its lines, if it has them for itself.
    fn removal(&self, map: &Map, index: usize) -> Option<Vec<Splice>> {
        let Entry { key, value } = map.entries.get(index)?;
        let previous = index.checked_sub(1).and_then(|index| map.entries.get(index));
        let next = map.entries.get(index + 1);
        let none = String::new;
        let start = self.line_start(key.range.start);
        let starts_line = self.text.get(start..key.range.start)?.trim().is_empty();
        let rest = self.text.get(value.range.end..self.line_end(value.range.end))?;
        let after = rest.trim_start().trim_start_matches(',').trim_start();
        if starts_line && (after.is_empty() || after.starts_with('#')) {
            let mut splices = vec![(self.whole_lines(start, value.range.end)?, none())];
            if map.is_flow
                && next.is_none()
                && !rest.trim_start().starts_with(',')
                && let Some(previous) = previous
            {
                // A last comma is not for JSON.
                let comma = self.comma(previous.value.range.end, start)?;
                splices.push((comma - 1..comma, none()));
            }
            return Some(splices);
        }
        if !map.is_flow {
            return None;
        }
        let range = match (next, previous) {
            (Some(next), _) => key.range.start..next.key.range.start,
            (None, Some(previous)) => previous.value.range.end..value.range.end,
            (None, None) => key.range.start..value.range.end,
        };
        Some(vec![(range, none())])
    }

    /// Returns the lines from one that starts at a position to that of another position, with one line break.
    fn whole_lines(&self, start: usize, end: usize) -> Option<Range<usize>> {
        let end = self.line_end(end);
        Some(match self.text.get(end..)? {
            rest if rest.starts_with("\r\n") => start..end + 2,
            rest if rest.starts_with('\n') => start..end + 1,
            // The line break before it goes, as it is the last line.
            _ => self.text.get(..start)?.trim_end_matches(['\r', '\n']).len()..end,
        })
    }

    /// Returns the position after the comma between two positions, if there is one.
    fn comma(&self, start: usize, end: usize) -> Option<usize> {
        let mut position = start;
        for line in self.text.get(start..end)?.split_inclusive('\n') {
            let code = line.split('#').next().unwrap_or_default();
            if let Some(comma) = code.find(',') {
                return Some(position + comma + 1);
            }
            position += line.len();
        }
        None
    }

    fn find(&self, path: &[&str]) -> Option<&Node> {
        self.tree.root.find(path)
    }

    fn notation(&self, map: &Map) -> Notation {
        let is_json = map.is_json() || self.root().map().is_some_and(Map::is_json);
        if is_json { Notation::Json } else { Notation::Yaml }
    }

    fn line_start(&self, position: usize) -> usize {
        self.text.get(..position).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// Returns the end of a line, before its line break.
    fn line_end(&self, position: usize) -> usize {
        let rest = self.text.get(position..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        position + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Returns the end of the line, and of the comments below it that are indented at least as far.
    fn end_with_comments(&self, position: usize, indent: usize) -> usize {
        let mut end = self.line_end(position);
        loop {
            let Some(rest) = self.text.get(end..) else { return end };
            let line_break = if rest.starts_with("\r\n") { 2 } else { 1 };
            let Some(rest) = rest.get(line_break..) else { return end };
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            if spaces < indent || !rest.trim_start_matches(' ').starts_with('#') {
                return end;
            }
            end = self.line_end(end + line_break);
        }
    }

    /// Returns the column of the keys of a block.
    fn column(&self, map: &Map) -> Option<usize> {
        let key = &map.entries.first()?.key;
        let before = self.text.get(self.line_start(key.range.start)..key.range.start)?;
        before.chars().all(|c| c == ' ').then_some(before.len())
    }

    /// Returns the indentation of one level: that of the resources.
    fn step(&self) -> usize {
        let resources = self.find(&["Resources"]).and_then(Node::map).filter(|map| !map.is_flow);
        let column = resources.and_then(|map| self.column(map));
        column.filter(|column| *column > 0).unwrap_or(2)
    }
}

fn layout(name: &str) -> Refusal {
    format!("`{name}` has a layout that cannot be edited")
}
