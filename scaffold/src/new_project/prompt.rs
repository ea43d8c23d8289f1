//! Prompts at the terminal.

use std::borrow::Cow;

use inquire::validator::{StringValidator, Validation};
use inquire::{Confirm, InquireError, MultiSelect, Select, Text};

use super::question::{AnswerType, Choice, Question};
use crate::process::interrupt;
use crate::term::error::{Error, Result};
use crate::term::escape;

/// Prompts until `check` accepts the text.
pub(crate) fn text(
    prompt: &str,
    help: &str,
    default: Option<&str>,
    check: impl Fn(&str) -> std::result::Result<(), String> + Clone,
) -> Result<String> {
    let (prompt, help) = (escape::line(prompt), escape::line(help));
    let shown = default.map(escape::line);
    let mut text = Text::new(&prompt).with_validator(validator(check));
    text.help_message = Some(&*help).filter(|help| !help.is_empty());
    text.default = shown.as_deref();
    let answer = wait(|| text.prompt())?;
    Ok(match default {
        Some(default) if shown.is_some_and(|shown| shown == answer) => default.to_owned(),
        _ => answer,
    })
}

/// Prompts for one of several values.
pub(crate) fn select(
    prompt: &str,
    help: &str,
    choices: &[Choice],
    default: Option<&str>,
) -> Result<String> {
    let start = choices.iter().position(|choice| Some(choice.value()) == default);
    let (prompt, help) = (escape::line(prompt), escape::line(help));
    let mut select = Select::new(&prompt, labels(choices))
        .with_starting_cursor(start.unwrap_or_default())
        .without_filtering();
    if !help.is_empty() {
        select.help_message = Some(&help);
    }
    let chosen = wait(|| select.raw_prompt())?;
    Ok(choices.get(chosen.index).map(Choice::value).unwrap_or_default().to_owned())
}

/// Prompts for several of several values; they are separated by commas.
fn multi_select(prompt: &str, choices: &[Choice], default: &str) -> Result<String> {
    let is_default = |choice: &Choice| default.split(',').any(|value| value == choice.value());
    let defaults: Vec<usize> = (0..)
        .zip(choices)
        .filter(|(_, choice)| is_default(choice))
        .map(|(index, _)| index)
        .collect();
    let prompt = escape::line(prompt);
    let select = MultiSelect::new(&prompt, labels(choices));
    let chosen = wait(|| select.with_default(&defaults).raw_prompt())?;
    let chosen = chosen.iter().filter_map(|option| choices.get(option.index));
    Ok(chosen.map(Choice::value).collect::<Vec<_>>().join(","))
}

fn labels(choices: &[Choice]) -> Vec<Cow<'_, str>> {
    choices.iter().map(|choice| escape::line(choice.label())).collect()
}

/// Prompts for yes or no.
pub(crate) fn confirm(prompt: &str, help: &str, default: bool) -> Result<bool> {
    let (prompt, help) = (escape::line(prompt), escape::line(help));
    let mut confirm = Confirm::new(&prompt).with_default(default);
    confirm.help_message = Some(&*help).filter(|help| !help.is_empty());
    wait(|| confirm.prompt())
}

/// Asks a template's question.
pub(crate) fn answer(question: &Question) -> Result<String> {
    let (prompt, help) = (&*question.prompt, &*question.help);
    let default = question.default.as_deref();
    match &question.answer_type {
        AnswerType::Choice(choices) => select(prompt, help, choices, default),
        AnswerType::MultipleChoice(choices) => {
            multi_select(prompt, choices, default.unwrap_or_default())
        }
        AnswerType::Bool => Ok(confirm(prompt, help, default == Some("true"))?.to_string()),
        AnswerType::Text { .. } => {
            let question = question.clone();
            text(prompt, help, default, move |answer| {
                let expected = || format!("expected {}", question.expected());
                question.accepts(answer).then_some(()).ok_or_else(expected)
            })
        }
    }
}

fn validator(
    check: impl Fn(&str) -> std::result::Result<(), String> + Clone,
) -> impl StringValidator {
    move |answer: &str| {
        Ok(match check(answer) {
            Ok(()) => Validation::Valid,
            Err(why) => Validation::Invalid(escape::line(&why).into_owned().into()),
        })
    }
}

/// Shows a prompt. Ctrl-C and Escape both cancel the whole command.
fn wait<T>(prompt: impl FnOnce() -> inquire::error::InquireResult<T>) -> Result<T> {
    interrupt::while_waiting(|| {
        prompt().map_err(|error| match error {
            InquireError::OperationInterrupted | InquireError::OperationCanceled => {
                Error::interrupted()
            }
            error => Error::new("cannot show a prompt on this terminal").because(error),
        })
    })
}
