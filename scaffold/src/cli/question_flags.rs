//! The flags of `scaffold new` that answer the questions of the templates.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgMatches, Args, FromArgMatches};

use crate::new_project::question::Question;
use crate::new_project::template::{Template, catalogue};
use crate::term::quote;

/// The answers given by flags, unchecked, by the name of the question.
#[derive(Debug, Default)]
pub(crate) struct QuestionFlags(pub(crate) BTreeMap<&'static str, String>);

/// Adds a flag for each question of any template.
impl Args for QuestionFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(all().into_values().map(|questions| argument(&questions)))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for QuestionFlags {
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

/// The most values that fit on the line of a flag.
const MOST_VALUES: usize = 4;

/// A question, and the template that asks it.
type Asked = (&'static Template, &'static Question);

/// Collects the questions of all templates by their names.
fn all() -> BTreeMap<&'static str, Vec<Asked>> {
    let mut all: BTreeMap<&str, Vec<Asked>> = BTreeMap::new();
    for template in catalogue() {
        for question in &template.config.questions {
            all.entry(&question.name).or_default().push((template, question));
        }
    }
    all
}

/// Builds the flag of the question that several templates ask under one name.
fn argument(asked: &[Asked]) -> Arg {
    let [(_, question), ..] = *asked else { return Arg::new("") };
    let templates = unique(asked.iter().filter_map(|(template, _)| template.name()));
    let expected = unique(asked.iter().map(|(_, question)| question.expected()));
    let values = unique(asked.iter().flat_map(|(_, question)| question.values()));

    let prompt = &question.prompt;
    let default =
        question.default.as_ref().map(|it| format!(" [default: {it}]")).unwrap_or_default();
    let listed = if values.is_empty() {
        format!("{prompt}{default}")
    } else {
        format!("{prompt}: {}{default}", quote::list(&values, "or"))
    };
    // Short help has one line for each flag.
    let help = if values.len() > MOST_VALUES {
        format!("{prompt}; `--help` lists the values{default}")
    } else {
        listed.clone()
    };
    let mut long_help = vec![listed];
    if !question.help.is_empty() {
        long_help.push(question.help.clone());
    }
    if values.is_empty() {
        let depends = if expected.len() > 1 { ", depending on the other answers" } else { "" };
        long_help.push(format!("Expects {}{depends}.", quote::list(&expected, "or")));
    }
    if templates.len() < catalogue().len() {
        let plural = if templates.len() == 1 { "" } else { "s" };
        long_help
            .push(format!("Only for the template{plural} {}.", quote::list(&templates, "and")));
    }
    for alias in &question.aliases {
        long_help.push(format!("`--{alias}` is short for this flag."));
    }
    let flag: &'static str = question.flag().leak();
    Arg::new(&*question.name)
        .long(flag)
        .help_heading("Questions")
        .aliases(question.aliases.iter().map(|alias| &**alias))
        .value_name(&*question.value_name)
        .value_parser(AnyText(values))
        .hide_possible_values(true)
        .long_help(long_help.join("\n\n"))
        .help(help)
}

/// Drops repeated items.
fn unique<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut unique = Vec::new();
    for item in items {
        if !unique.contains(&item) {
            unique.push(item);
        }
    }
    unique
}

/// Accepts any text, because the chosen template validates it later; shells complete the values.
#[derive(Clone)]
struct AnyText(Vec<&'static str>);

impl TypedValueParser for AnyText {
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
