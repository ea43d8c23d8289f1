//! The questions of the templates, each with the answers that it accepts.

use liquid::model::Value;
use regex::Regex;
use serde::Deserialize;

/// One question of a template: a placeholder of its `cargo-generate.toml`.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The name of the placeholder.
    pub(crate) name: String,
    /// Other names of the question's flag.
    pub(crate) aliases: Vec<String>,
    /// The text of the prompt.
    pub(crate) prompt: String,
    /// An explanation in one line; can be empty.
    pub(crate) help: String,
    /// The name of the value in `--help`.
    pub(crate) value_name: String,
    /// The unit to print after an answer; can be empty.
    pub(crate) unit: String,
    pub(crate) default: Option<String>,
    pub(crate) answer_type: AnswerType,
    /// The condition under which it is asked; without one it is always asked.
    pub(crate) condition: Option<String>,
}

/// The values that a [`Question`] accepts.
#[derive(Clone, Debug)]
pub(crate) enum AnswerType {
    /// One of these.
    Choice(Vec<Choice>),
    /// Any of these, separated by commas.
    MultipleChoice(Vec<Choice>),
    /// `true` or `false`.
    Bool,
    /// Text that matches the regular expression, if there is one.
    Text { regex: Option<String>, expected: String, multiline: bool },
}

/// A value that a question offers.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Choice {
    Plain(String),
    Labelled { value: String, label: String },
}

impl Choice {
    pub(crate) fn value(&self) -> &str {
        match self {
            Self::Plain(value) | Self::Labelled { value, .. } => value,
        }
    }

    /// The text to show for the value.
    pub(crate) fn label(&self) -> &str {
        match self {
            Self::Plain(label) | Self::Labelled { label, .. } => label,
        }
    }
}

impl Question {
    /// The flag, without its `--`.
    pub(crate) fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    pub(crate) fn accepts(&self, answer: &str) -> bool {
        match &self.answer_type {
            AnswerType::Choice(_) | AnswerType::Bool => self.values().contains(&answer),
            AnswerType::MultipleChoice(_) => {
                answer.is_empty() || answer.split(',').all(|one| self.values().contains(&one))
            }
            AnswerType::Text { regex, multiline, .. } => {
                // Most runs check no text, so the expression is compiled only here.
                let matches =
                    |regex: &String| Regex::new(regex).is_ok_and(|it| it.is_match(answer));
                (*multiline || !answer.contains('\n')) && regex.as_ref().is_none_or(matches)
            }
        }
    }

    /// Describes the accepted values.
    pub(crate) fn expected(&self) -> String {
        match &self.answer_type {
            AnswerType::Choice(_) | AnswerType::Bool => self.values().join(" or "),
            AnswerType::MultipleChoice(_) => {
                format!("any of {}, separated by commas", self.values().join(", "))
            }
            AnswerType::Text { expected, .. } if !expected.is_empty() => expected.clone(),
            AnswerType::Text { regex: Some(regex), .. } => format!("text that matches `{regex}`"),
            AnswerType::Text { multiline: false, .. } => "one line of text".to_owned(),
            AnswerType::Text { .. } => "text".to_owned(),
        }
    }

    /// The values that are offered; none for text.
    pub(crate) fn values(&self) -> Vec<&str> {
        match &self.answer_type {
            AnswerType::Choice(choices) | AnswerType::MultipleChoice(choices) => {
                choices.iter().map(Choice::value).collect()
            }
            AnswerType::Bool => vec!["false", "true"],
            AnswerType::Text { .. } => Vec::new(),
        }
    }

    /// An answer as a variable of the template.
    pub(crate) fn variable(&self, answer: &str) -> Value {
        match self.answer_type {
            AnswerType::Bool => Value::scalar(answer == "true"),
            AnswerType::MultipleChoice(_) => {
                let values = answer.split(',').filter(|value| !value.is_empty());
                Value::Array(values.map(|value| Value::scalar(value.to_owned())).collect())
            }
            AnswerType::Choice(_) | AnswerType::Text { .. } => Value::scalar(answer.to_owned()),
        }
    }

    /// The answer with its unit.
    pub(crate) fn show(&self, answer: &str) -> String {
        let space = if self.unit.is_empty() { "" } else { " " };
        format!("{answer}{space}{}", self.unit)
    }
}
