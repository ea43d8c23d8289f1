//! Questions to the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};
use std::{env, fmt};

use crossterm::cursor::Show;
use crossterm::terminal::{Clear, ClearType, disable_raw_mode};
use inquire::validator::{StringValidator, Validation};
use inquire::{Confirm, InquireError, MultiSelect, Select, Text};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::question::{Answer, Choice, Question};

/// What a check has against an answer.
type Verdict = std::result::Result<(), String>;

/// Whether somebody is there to ask: what is typed comes from a terminal, and standard error is seen
/// on one.
pub(crate) fn somebody() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Ends what a prompt has done to the terminal.
pub(crate) fn restore_terminal() {
    if io::stderr().is_terminal() && !is_dumb() {
        // Nothing is left to do where the terminal is gone.
        let _ = disable_raw_mode();
        let _ = crossterm::execute!(io::stderr(), Show, Clear(ClearType::FromCursorDown));
        eprintln!();
    }
}

/// Asks until `check` has nothing against the answer.
pub(crate) fn text(
    prompt: &str,
    help: &str,
    default: Option<&str>,
    check: impl Fn(&str) -> Verdict + Clone,
) -> Result<String> {
    if is_dumb() {
        return line(prompt, help, default, check);
    }
    let mut text = Text::new(prompt).with_validator(validator(check));
    if !help.is_empty() {
        text = text.with_help_message(help);
    }
    if let Some(default) = default {
        text = text.with_default(default);
    }
    interrupt::while_waiting(|| text.prompt().map_err(failed))
}

/// An answer that is offered: what it is, and what is shown.
pub(crate) struct Offer {
    pub(crate) value: String,
    pub(crate) label: String,
}

impl fmt::Display for Offer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.label)
    }
}

/// Asks for one of several.
pub(crate) fn select(
    prompt: &str,
    help: &str,
    offers: Vec<Offer>,
    default: Option<&str>,
) -> Result<String> {
    if is_dumb() {
        for Offer { value, label } in offers.iter().filter(|offer| offer.value != offer.label) {
            eprintln!("  {value}: {label}");
        }
        let values: Vec<String> = offers.into_iter().map(|offer| offer.value).collect();
        let expected = values.join(" or ");
        let prompt = format!("{prompt}, {expected}");
        return line(&prompt, help, default, move |answer| {
            let known = values.iter().any(|value| value == answer);
            if known { Ok(()) } else { Err(format!("expected {expected}")) }
        });
    }
    let start = offers.iter().position(|offer| Some(&*offer.value) == default);
    let mut select = Select::new(prompt, offers)
        .with_starting_cursor(start.unwrap_or_default())
        .without_filtering();
    if !help.is_empty() {
        select = select.with_help_message(help);
    }
    interrupt::while_waiting(|| select.prompt().map(|offer| offer.value).map_err(failed))
}

/// Asks for yes or no.
pub(crate) fn confirm(prompt: &str, help: &str, default: bool) -> Result<bool> {
    if is_dumb() {
        let default = if default { "yes" } else { "no" };
        let answer = line(&format!("{prompt} yes or no"), help, Some(default), |answer| {
            if matches!(answer, "yes" | "no" | "y" | "n") {
                Ok(())
            } else {
                Err("expected yes or no".to_owned())
            }
        })?;
        return Ok(answer.starts_with('y'));
    }
    let mut confirm = Confirm::new(prompt).with_default(default);
    if !help.is_empty() {
        confirm = confirm.with_help_message(help);
    }
    interrupt::while_waiting(|| confirm.prompt().map_err(failed))
}

/// Asks a template's question.
pub(crate) fn answer(question: &Question) -> Result<String> {
    let (prompt, help) = (&*question.prompt, &*question.help);
    let default = question.default.as_deref();
    let check = {
        let question = question.clone();
        move |answer: &str| {
            if question.accepts(answer) {
                Ok(())
            } else {
                Err(format!("expected {}", question.expected()))
            }
        }
    };
    match &question.answer {
        Answer::Choice(choices) => {
            let offers = choices
                .iter()
                .map(|choice| Offer {
                    value: choice.value.clone(),
                    label: choice.label().to_owned(),
                })
                .collect();
            select(prompt, help, offers, default)
        }
        Answer::Bool => {
            Ok(confirm(prompt, help, default.is_some_and(|default| default == "true"))?.to_string())
        }
        Answer::Several(_) if is_dumb() => {
            let prompt = format!("{prompt}, {}", question.expected());
            line(&prompt, help, Some(default.unwrap_or_default()), check)
        }
        Answer::Several(choices) => {
            let offers = choices.iter().map(Choice::label).collect();
            let chosen: Vec<&str> = default.unwrap_or_default().split(',').collect();
            let defaults: Vec<usize> = (0..)
                .zip(choices)
                .filter(|(_, choice)| chosen.contains(&&*choice.value))
                .map(|(index, _)| index)
                .collect();
            let several = MultiSelect::new(prompt, offers).with_default(&defaults);
            let chosen = interrupt::while_waiting(|| several.raw_prompt().map_err(failed))?;
            let chosen = chosen.iter().filter_map(|option| choices.get(option.index));
            Ok(chosen.map(|choice| &*choice.value).collect::<Vec<_>>().join(","))
        }
        Answer::Text { .. } => text(prompt, help, default, check),
    }
}

/// Whether the terminal can do no more than print.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
}

/// Asks on a terminal that can only print.
fn line(
    prompt: &str,
    help: &str,
    default: Option<&str>,
    check: impl Fn(&str) -> Verdict,
) -> Result<String> {
    let fail = |error| Error::new("cannot ask on this terminal").because(error);
    let help = if help.is_empty() { String::new() } else { format!(" ({help})") };
    let offer = default.map_or(String::new(), |default| format!(" [{default}]"));
    loop {
        eprint!("{prompt}{help}{offer}: ");
        io::stderr().flush().map_err(fail)?;
        let mut typed = String::new();
        let read =
            interrupt::while_waiting(|| io::stdin().lock().read_line(&mut typed).map_err(fail))?;
        if read == 0 {
            eprintln!();
            return Err(Error::interrupted());
        }
        let answer = match (typed.trim(), default) {
            ("", Some(default)) => default,
            (typed, _) => typed,
        };
        match check(answer) {
            Ok(()) => return Ok(answer.to_owned()),
            Err(why) => eprintln!("{why}"),
        }
    }
}

fn validator(check: impl Fn(&str) -> Verdict + Clone) -> impl StringValidator {
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
