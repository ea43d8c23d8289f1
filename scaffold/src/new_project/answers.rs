//! The answers that are given by flags, by `--set` and in a file. The stamp `.scaffold.toml`, which
//! every project has, is such a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::name::ProjectName;
use super::question::Question;
use super::template::Template;
use super::template::origin::Origin;
use crate::cli::QuestionFlags;
use crate::term::error::{Error, Result};
use crate::term::{message, quote};

/// The name of the stamp.
pub(crate) const STAMP: &str = ".scaffold.toml";

const STAMP_COMMENT: &str = "\
# How `scaffold new` created this project. To create another one with the same answers, run
# `scaffold new NAME --answers .scaffold.toml`.
";

/// The contents of a project's `.scaffold.toml`: the template and the answers it was created from.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Stamp {
    name: String,
    /// The version of this program.
    scaffold: String,
    template: StampedTemplate,
    answers: Table,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct StampedTemplate {
    name: Option<String>,
    source: Option<String>,
    commit: Option<String>,
    subfolder: Option<String>,
    hash: String,
}

impl Stamp {
    pub(crate) fn new(
        name: &ProjectName,
        template: &Template,
        answers: &[(Question, String)],
    ) -> Self {
        let mut stamped = StampedTemplate {
            name: template.name().map(str::to_owned),
            source: template.origin.source(),
            hash: template.hash(),
            ..StampedTemplate::default()
        };
        if let Origin::Git { commit, subfolder, .. } = &template.origin {
            stamped.commit = Some(commit.clone());
            stamped.subfolder.clone_from(subfolder);
        }
        let answers = answers.iter();
        Self {
            name: name.to_string(),
            scaffold: env!("CARGO_PKG_VERSION").to_owned(),
            template: stamped,
            answers: answers.map(|(it, answer)| (it.name.clone(), answer.clone().into())).collect(),
        }
    }

    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let stamp = toml::to_string(self).map_err(io::Error::other)?;
        fs::write(folder.join(STAMP), format!("{STAMP_COMMENT}{stamp}"))
    }
}

/// Answers by the names of their questions.
#[derive(Clone, Debug, Default)]
pub(crate) struct GivenAnswers {
    answers: BTreeMap<String, GivenAnswer>,
    /// The template that the file names.
    pub(crate) template: Option<GivenTemplate>,
    /// The template as it was when the answers of the file were given.
    stamped: StampedTemplate,
}

/// The template that a stamp names.
#[derive(Clone, Debug)]
pub(crate) enum GivenTemplate {
    BuiltIn(String),
    Foreign { source: String, subfolder: Option<String> },
}

/// An answer and its source.
#[derive(Clone, Debug)]
pub(crate) struct GivenAnswer {
    pub(crate) value: String,
    pub(crate) origin: AnswerOrigin,
}

/// The source of an answer, as error messages name it.
#[derive(Clone, Debug)]
pub(crate) enum AnswerOrigin {
    Flag(String),
    Set(String),
    File { key: String, file: String },
}

impl fmt::Display for AnswerOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "`--{flag}`"),
            Self::Set(key) => write!(formatter, "`--set {key}`"),
            Self::File { key, file } => write!(formatter, "`{key}` in `{file}`"),
        }
    }
}

impl GivenAnswers {
    /// Collects the answers; the command line takes precedence over the file.
    pub(crate) fn collect(
        flags: QuestionFlags,
        set: &[String],
        file: Option<&Path>,
    ) -> Result<Self> {
        let mut given = file.map(read).transpose()?.unwrap_or_default();
        let mut typed: BTreeMap<String, GivenAnswer> = BTreeMap::new();
        for (name, value) in flags.0 {
            let origin = AnswerOrigin::Flag(name.replace('_', "-"));
            typed.insert(name.to_owned(), GivenAnswer { value, origin });
        }
        for pair in set {
            let Some((key, value)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) else {
                let lacks = if pair.contains('=') { "name" } else { "value" };
                return Err(Error::new(format!("`--set {pair}` has no {lacks}"))
                    .hint("write `--set KEY=VALUE`, such as `--set memory=512`")
                    .usage());
            };
            let origin = AnswerOrigin::Set(key.to_owned());
            if let Some((_, other)) = typed.iter().find(|(name, _)| is_same(name, key)) {
                let message = format!("`{key}` is set twice: by {} and {origin}", other.origin);
                return Err(Error::new(message).hint("remove one of them").usage());
            }
            typed.insert(key.to_owned(), GivenAnswer { value: value.to_owned(), origin });
        }
        given.answers.retain(|name, _| !typed.keys().any(|other| is_same(name, other)));
        given.answers.extend(typed);
        Ok(given)
    }

    /// Warns if `template`, which the file names, has changed since the answers were given.
    pub(crate) fn warn_of_change(&self, template: &Template) {
        let StampedTemplate { source, commit, hash, .. } = &self.stamped;
        if hash.is_empty() || *hash == template.hash() {
            return;
        }
        let message = format!("{} has changed since these answers were given", template.origin);
        let hint = match (source, commit) {
            (Some(source), Some(commit)) => {
                let url = source.split_once('#').map_or(&**source, |(url, _)| url);
                let same = quote::quote(&format!("{url}#{commit}")).into_owned();
                format!(
                    "check that they still fit, or pass `--from {same}` to use the same version"
                )
            }
            _ => "check that they still fit".to_owned(),
        };
        message::warn_with_hint(&message, &hint);
    }

    /// Takes the answer to the question of this name.
    pub(crate) fn take(&mut self, name: &str) -> Option<GivenAnswer> {
        let key = self.answers.keys().find(|key| is_same(key, name))?.clone();
        self.answers.remove(&key)
    }

    /// Returns whether the question of this name has an answer.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.answers.keys().any(|key| is_same(key, name))
    }

    /// The answers that have not been taken.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &GivenAnswer)> {
        self.answers.iter().map(|(name, answer)| (&**name, answer))
    }
}

/// The name of a question can be written like a flag.
pub(crate) fn is_same(name: &str, other: &str) -> bool {
    name == other || name.replace('_', "-") == other.replace('_', "-")
}

/// Reads a file of answers: TOML or JSON, either a stamp or only the answers.
fn read(path: &Path) -> Result<GivenAnswers> {
    let is_input = path == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { path.display().to_string() };
    let text = if is_input { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
    let text = text.map_err(|error| Error::new(format!("cannot read `{name}`")).because(error))?;

    let is_json = text.trim_start().starts_with('{');
    let wrong = |why: String| {
        let format = if is_json { "JSON" } else { "TOML" };
        Error::new(format!("cannot read the answers in `{name}` as {format}"))
            .because(why.trim_end())
    };
    let mut answers: Table = if is_json {
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?
    } else {
        toml::from_str(&text).map_err(|error| wrong(error.to_string()))?
    };
    let mut given = GivenAnswers::default();
    if answers.get("answers").is_some_and(Value::is_table) {
        let stamp: Stamp = answers.try_into().map_err(|error| wrong(error.to_string()))?;
        given.stamped = stamp.template.clone();
        let StampedTemplate { name, source, subfolder, .. } = stamp.template;
        given.template = match (name, source) {
            (_, Some(source)) => Some(GivenTemplate::Foreign { source, subfolder }),
            (name, None) => name.map(GivenTemplate::BuiltIn),
        };
        answers = stamp.answers;
    }
    for (key, value) in answers {
        let value = text_of(&value).ok_or_else(|| {
            wrong(format!("`{key}` must be a string, a number, a boolean or a list of strings"))
        })?;
        let origin = AnswerOrigin::File { key: key.clone(), file: name.clone() };
        given.answers.insert(key, GivenAnswer { value, origin });
    }
    Ok(given)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            Some(texts?.join(","))
        }
        Value::Datetime(_) | Value::Table(_) => None,
    }
}
