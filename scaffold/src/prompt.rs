//! Questions to the person at the terminal.

use std::io::{self, IsTerminal};

use inquire::validator::{StringValidator, Validation};
use inquire::{InquireError, Select, Text};
use lambda_native_templates::{Answer, Question};

use crate::error::{Error, Result};
use crate::question;

/// Whether somebody is there to ask: what is typed comes from a terminal, and standard error is seen
/// on one.
pub(crate) fn somebody() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks until `check` has nothing against the answer.
pub(crate) fn text(
    prompt: &str,
    help: &str,
    check: impl Fn(&str) -> std::result::Result<(), String> + Clone,
) -> Result<String> {
    let text = Text::new(prompt).with_help_message(help).with_validator(validator(check));
    text.prompt().map_err(failed)
}

/// Asks a template's question.
pub(crate) fn answer(question: &'static Question) -> Result<String> {
    match question.answer {
        Answer::Choice(choices) => {
            let default = choices.iter().position(|choice| *choice == question.default);
            Select::new(question.prompt, choices.to_vec())
                .with_help_message(question.help)
                .with_starting_cursor(default.unwrap_or_default())
                .without_filtering()
                .prompt()
                .map(str::to_owned)
                .map_err(failed)
        }
        Answer::Text { expected, .. } => Text::new(question.prompt)
            .with_help_message(question.help)
            .with_default(question.default)
            .with_validator(validator(move |answer: &str| {
                question::accepts(question, answer)
                    .then_some(())
                    .ok_or_else(|| format!("expected {expected}"))
            }))
            .prompt()
            .map_err(failed),
    }
}

fn validator(
    check: impl Fn(&str) -> std::result::Result<(), String> + Clone,
) -> impl StringValidator {
    move |answer: &str| {
        Ok(match check(answer) {
            Ok(()) => Validation::Valid,
            Err(why) => Validation::Invalid(why.into()),
        })
    }
}

/// Ctrl-C and Escape both mean that the project is not wanted after all.
fn failed(error: InquireError) -> Error {
    match error {
        InquireError::OperationInterrupted | InquireError::OperationCanceled => {
            Error::interrupted()
        }
        error => Error::new("cannot ask on this terminal").because(error),
    }
}
