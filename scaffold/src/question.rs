//! The questions of the templates: each is a flag, and each knows its answers.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, FromArgMatches};
use lambda_native_templates::{Answer, Question, Template, templates};
use regex::Regex;

/// The answers given by flags, by the question's name, as they were typed.
#[derive(Debug, Default)]
pub(crate) struct Answers(BTreeMap<&'static str, String>);

impl Answers {
    pub(crate) fn get(&self, question: &Question) -> Option<&str> {
        self.0.get(question.name).map(String::as_str)
    }
}

/// One flag for each question of any template.
impl Args for Answers {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(all().into_values().map(|question| {
            let about = format!("{}: {}", question.prompt, expected(question));
            let about = format!("{about} [default: {}]", question.default);
            Arg::new(question.name)
                .long(question.flag)
                .visible_aliases(question.aliases.iter().copied())
                .value_name(question.value_name)
                .long_help(format!("{about}\n\n{}", question.help))
                .help(about)
        }))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Answers {
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

fn all() -> BTreeMap<&'static str, &'static Question> {
    templates()
        .iter()
        .flat_map(|template| template.questions)
        .map(|question| (question.name, question))
        .collect()
}

/// The template of this name.
pub(crate) fn template(name: &str) -> Result<&'static Template, String> {
    templates().iter().find(|template| template.name == name).ok_or_else(|| {
        let names: Vec<&str> = templates().iter().map(|template| template.name).collect();
        format!("expected {}", names.join(" or "))
    })
}

/// Whether this may be answered.
pub(crate) fn accepts(question: &Question, answer: &str) -> bool {
    match question.answer {
        Answer::Choice(choices) => choices.contains(&answer),
        Answer::Text { regex, .. } => Regex::new(regex).is_ok_and(|regex| regex.is_match(answer)),
    }
}

/// What may be answered, in words.
pub(crate) fn expected(question: &Question) -> String {
    match question.answer {
        Answer::Choice(choices) => choices.join(" or "),
        Answer::Text { expected, .. } => expected.to_owned(),
    }
}
