//! The values of a document without their places, to check that an edit has changed what it should.

use super::document::{self, Entry, Node, Value};
use super::value::NewValue;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outline {
    tag: Option<String>,
    value: OutlineValue,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum OutlineValue {
    Text(String),
    Alias(String),
    List(Vec<Outline>),
    Map(Vec<(Outline, Outline)>),
}

impl Outline {
    pub(super) fn of(node: &Node) -> Self {
        let value = match &node.value {
            Value::Scalar { text, .. } => OutlineValue::Text(text.clone()),
            Value::Alias(name) => OutlineValue::Alias(name.clone()),
            Value::List(items) => OutlineValue::List(items.iter().map(Self::of).collect()),
            Value::Map(map) => {
                let entries = map.entries.iter();
                let entries = entries.map(|Entry { key, value }| (Self::of(key), Self::of(value)));
                OutlineValue::Map(entries.collect())
            }
        };
        Self { tag: node.tag.clone(), value }
    }

    pub(super) fn text(text: &str) -> Self {
        Self { tag: None, value: OutlineValue::Text(text.to_owned()) }
    }

    pub(super) fn new(value: &NewValue) -> Result<Self, String> {
        Ok(match value {
            NewValue::Text(text) => Self::text(text),
            // An alias means something only in its document.
            NewValue::Source(source) if source.starts_with('*') => {
                Self { tag: None, value: OutlineValue::Alias(source.clone()) }
            }
            NewValue::Source(source) => Self::of(&document::parse(source)?.root),
            NewValue::List(items) => {
                let items = items.iter().map(Self::new).collect::<Result<_, _>>()?;
                Self { tag: None, value: OutlineValue::List(items) }
            }
            NewValue::Map(entries) => {
                let mut map = Self { tag: None, value: OutlineValue::Map(Vec::new()) };
                map.append(&[], entries)?;
                map
            }
        })
    }

    fn map(&mut self, path: &[&str]) -> Option<&mut Vec<(Self, Self)>> {
        let OutlineValue::Map(entries) = &mut self.value else { return None };
        let [key, rest @ ..] = path else { return Some(entries) };
        let key = Self::text(key);
        let (_, value) = entries.iter_mut().rfind(|(other, _)| *other == key)?;
        value.map(rest)
    }

    pub(super) fn append(
        &mut self,
        path: &[&str],
        new: &[(String, NewValue)],
    ) -> Result<(), String> {
        let Some(entries) = self.map(path) else { return Ok(()) };
        for (key, value) in new {
            let (key, value) = (Self::text(key), Self::new(value)?);
            match entries.iter_mut().rfind(|(other, _)| *other == key) {
                Some((_, old)) => *old = value,
                None => entries.push((key, value)),
            }
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &[&str]) {
        let [parents @ .., key] = path else { return };
        let key = Self::text(key);
        if let Some(entries) = self.map(parents)
            && let Some(index) = entries.iter().rposition(|(other, _)| *other == key)
        {
            entries.remove(index);
        }
    }

    pub(super) fn set(&mut self, path: &[&str], new: Self) {
        let [parents @ .., key] = path else { return };
        let key = Self::text(key);
        let entry = self.map(parents).and_then(|map| map.iter_mut().rfind(|it| it.0 == key));
        if let Some((_, value)) = entry {
            *value = new;
        }
    }
}
