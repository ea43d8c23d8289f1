//! The command line that creates a project without questions.

use super::name::ProjectName;
use super::question::Question;
use super::template::{self, catalogue};
use crate::process::this_program;
use crate::term::quote;

/// The flags of a `scaffold new`, quoted for a shell.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommandLine(Vec<String>);

impl CommandLine {
    pub(crate) fn push(&mut self, flag: &str, value: &str) {
        self.0.push(with_value(flag, value));
    }

    pub(crate) fn push_if(&mut self, condition: bool, flag: &str) {
        if condition {
            self.0.push(flag.to_owned());
        }
    }

    /// Adds the template, unless it is the default.
    pub(crate) fn push_template(&mut self, name: &str) {
        if name != template::DEFAULT {
            self.push("template", name);
        }
    }

    /// The whole command, with the default of every other question.
    pub(crate) fn with_yes(&self, name: &ProjectName) -> String {
        self.with_flags(name, &["--yes"])
    }

    /// The whole command, with these flags at its end.
    pub(crate) fn with_flags(&self, name: &ProjectName, flags: &[&str]) -> String {
        let mut words = vec![this_program::command(), format!("new {name}")];
        words.extend_from_slice(&self.0);
        words.extend(flags.iter().map(|flag| (*flag).to_owned()));
        words.join(" ")
    }
}

/// The flag that answers a question: `--set` for the questions of foreign templates.
pub(crate) fn flag(question: &Question) -> String {
    if has_flag(question) {
        format!("--{}", question.flag())
    } else {
        format!("--set {}", question.name)
    }
}

/// The flag with an answer.
pub(crate) fn answer(question: &Question, answer: &str) -> String {
    if has_flag(question) {
        with_value(&question.flag(), answer)
    } else {
        format!("--set {}={}", question.name, quote::quote(answer))
    }
}

fn has_flag(question: &Question) -> bool {
    let mut questions = catalogue().iter().flat_map(|template| &template.config.questions);
    questions.any(|other| other.name == question.name)
}

fn with_value(flag: &str, value: &str) -> String {
    format!("--{flag} {}", quote::quote(value))
}
