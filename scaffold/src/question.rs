//! The questions of the templates: each is a flag of `scaffold new`, and each knows its answers.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgMatches, Args, FromArgMatches};
use liquid::model::Value;
use regex::Regex;

use crate::template::{Template, catalogue};

/// One question of a template: a placeholder of its `cargo-generate.toml`.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The placeholder.
    pub(crate) name: String,
    /// Other names of the flag.
    pub(crate) aliases: Vec<String>,
    /// The question, as asked on a terminal.
    pub(crate) prompt: String,
    /// One line about it; may be empty.
    pub(crate) help: String,
    /// The answer's name in `--help`.
    pub(crate) value_name: String,
    /// What follows the answer where it is printed; may be empty.
    pub(crate) unit: String,
    pub(crate) default: Option<String>,
    pub(crate) answer: Answer,
    /// Where it is asked; everywhere if there is none.
    pub(crate) condition: Option<String>,
}

/// What may be answered to a [`Question`].
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// One of these.
    Choice(Vec<Choice>),
    /// Any of these, with commas between them.
    Several(Vec<Choice>),
    /// `true` or `false`.
    Bool,
    /// Text that the regular expression matches; one line, or several.
    Text { regex: Option<Regex>, expected: String, lines: bool },
}

/// One of the answers that a question offers.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    /// What is shown in its place.
    pub(crate) label: Option<String>,
}

impl Choice {
    pub(crate) fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.value)
    }
}

impl Question {
    /// The flag, without its `--`.
    pub(crate) fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    /// Whether this may be answered.
    pub(crate) fn accepts(&self, answer: &str) -> bool {
        let offered = |choices: &[Choice], answer| choices.iter().any(|c| c.value == answer);
        match &self.answer {
            Answer::Choice(choices) => offered(choices, answer),
            Answer::Several(choices) => {
                answer.is_empty() || answer.split(',').all(|answer| offered(choices, answer))
            }
            Answer::Bool => matches!(answer, "true" | "false"),
            Answer::Text { regex, lines, .. } => {
                (*lines || !answer.contains('\n'))
                    && regex.as_ref().is_none_or(|regex| regex.is_match(answer))
            }
        }
    }

    /// What may be answered, in words.
    pub(crate) fn expected(&self) -> String {
        match &self.answer {
            Answer::Choice(_) | Answer::Bool => self.values().join(" or "),
            Answer::Several(_) => {
                format!("any of {}, with commas between", self.values().join(", "))
            }
            Answer::Text { expected, .. } if !expected.is_empty() => expected.clone(),
            Answer::Text { regex: Some(regex), .. } => format!("what matches `{regex}`"),
            Answer::Text { lines: false, .. } => "one line of text".to_owned(),
            Answer::Text { .. } => "text".to_owned(),
        }
    }

    /// The answers that are offered; none where the answer is text.
    pub(crate) fn values(&self) -> Vec<&str> {
        match &self.answer {
            Answer::Choice(choices) | Answer::Several(choices) => {
                choices.iter().map(|choice| &*choice.value).collect()
            }
            Answer::Bool => vec!["false", "true"],
            Answer::Text { .. } => Vec::new(),
        }
    }

    /// An answer as a variable of the template.
    pub(crate) fn variable(&self, answer: &str) -> Value {
        match self.answer {
            Answer::Bool => Value::scalar(answer == "true"),
            Answer::Several(_) => {
                let answers = answer.split(',').filter(|answer| !answer.is_empty());
                Value::Array(answers.map(|answer| Value::scalar(answer.to_owned())).collect())
            }
            Answer::Choice(_) | Answer::Text { .. } => Value::scalar(answer.to_owned()),
        }
    }

    /// An answer as it is printed.
    pub(crate) fn show(&self, answer: &str) -> String {
        let space = if self.unit.is_empty() { "" } else { " " };
        format!("{answer}{space}{}", self.unit)
    }
}

/// The answers given by flags, by the question's name, as they were typed.
#[derive(Debug, Default)]
pub(crate) struct Flags(pub(crate) BTreeMap<&'static str, String>);

/// One flag for each question of any template.
impl Args for Flags {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(all().into_values().map(|questions| argument(&questions)))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut answers = Self::default();
        answers.update_from_arg_matches(matches)?;
        Ok(answers)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for name in all().into_keys() {
            if let Some(answer) = matches.get_one::<String>(name) {
                self.0.insert(name, answer.clone());
            }
        }
        Ok(())
    }
}

type Asked = (&'static Template, &'static Question);

/// The questions of all templates, by name.
fn all() -> BTreeMap<&'static str, Vec<Asked>> {
    let mut all: BTreeMap<&str, Vec<Asked>> = BTreeMap::new();
    for template in catalogue() {
        for question in &template.config.questions {
            all.entry(&question.name).or_default().push((template, question));
        }
    }
    all
}

/// The flag for what several templates ask by the same name.
fn argument(asked: &[Asked]) -> Arg {
    let [(_, question), ..] = *asked else { return Arg::new("") };
    let mut values: Vec<&'static str> = Vec::new();
    let mut templates: Vec<&str> = Vec::new();
    let mut expected: Vec<String> = Vec::new();
    for (template, question) in asked {
        if !expected.contains(&question.expected()) {
            expected.push(question.expected());
        }
        for value in question.values() {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if let Some(name) = template.name().filter(|name| !templates.contains(name)) {
            templates.push(name);
        }
    }
    let expected = if values.is_empty() { expected.join(", or ") } else { values.join(" or ") };
    let mut about = format!("{}: {expected}", question.prompt);
    if let Some(default) = &question.default {
        about = format!("{about} [default: {default}]");
    }
    if templates.len() < catalogue().len() {
        about = format!("{about} [templates: {}]", templates.join(", "));
    }
    let flag: &'static str = question.flag().leak();
    Arg::new(&*question.name)
        .long(flag)
        .visible_aliases(question.aliases.iter().map(|alias| &**alias))
        .value_name(&*question.value_name)
        .value_parser(Anything(values))
        .hide_possible_values(true)
        .long_help(format!("{about}\n\n{}", question.help))
        .help(about)
}

/// Takes any text: the template chosen later judges it. The values are for shells to complete.
#[derive(Clone)]
struct Anything(Vec<&'static str>);

impl TypedValueParser for Anything {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        if self.0.is_empty() {
            return None;
        }
        Some(Box::new(self.0.iter().map(|value| PossibleValue::new(*value))))
    }
}
