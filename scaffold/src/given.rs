//! The answers that are given and need not be asked for: by flags, with `--set`, in a file.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::{fmt, fs};

use serde_json::Value as Json;
use toml_edit::{DocumentMut, Item, Value as Toml};

use crate::error::{Error, Result};
use crate::question::Flags;

/// Answers by the names of their questions.
#[derive(Debug, Default)]
pub(crate) struct Given {
    answers: BTreeMap<String, Answer>,
    /// The template that a file tells of.
    pub(crate) template: Option<GivenTemplate>,
}

/// The template that a project's `.scaffold.toml` tells of.
#[derive(Debug)]
pub(crate) enum GivenTemplate {
    BuiltIn(String),
    Foreign { source: String, subfolder: Option<String> },
}

/// An answer, and who gave it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) by: By,
}

/// Where an answer was given, as an error tells of it.
#[derive(Clone, Debug)]
pub(crate) enum By {
    Flag(String),
    Set(String),
    File(String, String),
}

impl fmt::Display for By {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "`--{flag}`"),
            Self::Set(key) => write!(formatter, "`--set {key}`"),
            Self::File(key, file) => write!(formatter, "`{key}` in `{file}`"),
        }
    }
}

impl Given {
    /// What is typed goes before what is in the file.
    pub(crate) fn collect(flags: Flags, set: &[String], file: Option<&Path>) -> Result<Self> {
        let mut given = file.map(read).transpose()?.unwrap_or_default();
        let mut typed: BTreeMap<String, Answer> = BTreeMap::new();
        for (name, text) in flags.0 {
            let by = By::Flag(name.replace('_', "-"));
            typed.insert(name.to_owned(), Answer { text, by });
        }
        for pair in set {
            let Some((key, text)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) else {
                return Err(Error::new(format!("`{pair}` is no answer"))
                    .hint("expected `--set KEY=VALUE`, such as `--set memory=512`")
                    .usage());
            };
            let answer = Answer { text: text.to_owned(), by: By::Set(key.to_owned()) };
            let same = |name: &str| name == key || name.replace('_', "-") == key;
            if let Some((_, other)) = typed.iter().find(|(name, _)| same(name)) {
                let message =
                    format!("`{key}` is answered twice, by {} and {}", other.by, answer.by);
                return Err(Error::new(message).hint("leave one of them out").usage());
            }
            typed.insert(key.to_owned(), answer);
        }
        for (name, answer) in typed {
            given.answers.retain(|other, _| other.replace('_', "-") != name.replace('_', "-"));
            given.answers.insert(name, answer);
        }
        Ok(given)
    }

    /// Takes the answer to the question of this name out, also if it was given with `-` for `_`.
    pub(crate) fn take(&mut self, name: &str) -> Option<Answer> {
        self.answers.remove(name).or_else(|| self.answers.remove(&name.replace('_', "-")))
    }

    /// The answer to the question of this name, as [`Given::take`] has it.
    pub(crate) fn peek(&self, name: &str) -> Option<&Answer> {
        self.answers.get(name).or_else(|| self.answers.get(&name.replace('_', "-")))
    }

    /// What nobody has taken.
    pub(crate) fn left(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.answers.iter().map(|(name, answer)| (&**name, answer))
    }
}

/// Reads a file of answers: TOML or JSON, or the `.scaffold.toml` of a project.
fn read(path: &Path) -> Result<Given> {
    let is_input = path == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { path.display().to_string() };
    let fail = |error: io::Error| Error::new(format!("cannot read `{name}`")).because(error);
    let mut text = String::new();
    if is_input {
        io::stdin().read_to_string(&mut text).map_err(fail)?;
    } else {
        text = fs::read_to_string(path).map_err(fail)?;
    }
    let is_json = text.trim_start().starts_with('{');
    let wrong = |why: String| {
        let kind = if is_json { "JSON" } else { "TOML" };
        Error::new(format!("`{name}` is no {kind} of answers")).because(why)
    };
    let mut values = if is_json { json(&text) } else { toml(&text) }.map_err(wrong)?;

    let mut given = Given::default();
    if let Some(Json::Object(answers)) = values.get_mut("answers").map(Json::take) {
        let part = |key: &str| values.get("template")?.get(key)?.as_str().map(str::to_owned);
        given.template = match (part("name"), part("source")) {
            (_, Some(source)) => {
                Some(GivenTemplate::Foreign { source, subfolder: part("subfolder") })
            }
            (Some(name), None) => Some(GivenTemplate::BuiltIn(name)),
            (None, None) => None,
        };
        values = answers;
    }
    for (key, value) in values {
        let text = text_of(&value).ok_or_else(|| {
            wrong(format!("`{key}` is neither a string, a number, a boolean nor a list of strings"))
        })?;
        let by = By::File(key.clone(), name.clone());
        given.answers.insert(key, Answer { text, by });
    }
    Ok(given)
}

type Object = serde_json::Map<String, Json>;

fn json(text: &str) -> std::result::Result<Object, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn toml(text: &str) -> std::result::Result<Object, String> {
    let document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    Ok(document.iter().map(|(key, item)| (key.to_owned(), json_of(item))).collect())
}

fn json_of(item: &Item) -> Json {
    fn of_value(value: &Toml) -> Json {
        match value {
            Toml::String(text) => Json::from(text.value().as_str()),
            Toml::Integer(number) => Json::from(*number.value()),
            Toml::Float(number) => Json::from(*number.value()),
            Toml::Boolean(value) => Json::from(*value.value()),
            Toml::Array(values) => values.iter().map(of_value).collect(),
            Toml::InlineTable(table) => {
                table.iter().map(|(key, value)| (key.to_owned(), of_value(value))).collect()
            }
            Toml::Datetime(_) => Json::Null,
        }
    }
    match item {
        Item::Value(value) => of_value(value),
        Item::Table(table) => {
            table.iter().map(|(key, item)| (key.to_owned(), json_of(item))).collect()
        }
        Item::ArrayOfTables(_) | Item::None => Json::Null,
    }
}

fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(Json::as_str).collect();
            Some(texts?.join(","))
        }
        Json::Null | Json::Object(_) => None,
    }
}
