//! Prompts at the terminal. Each returns nothing if the user pressed Escape; Ctrl-C is an error.
//!
//! Menus are those of `inquire`. Text is edited with `rustyline`, since `inquire` types the letter of
//! Ctrl-U and Ctrl-W.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use inquire::error::InquireResult;
use inquire::ui::{Color, RenderConfig, Styled};
use inquire::{Confirm, InquireError, MultiSelect, Select};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    Behavior, Cmd, ColorMode, ConditionalEventHandler, Config, Context, Editor, Event,
    EventContext, EventHandler, Helper, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::question::{AnswerType, Choice, Question};
use crate::process::interrupt::while_waiting;
use crate::term::error::{Error, Result};
use crate::term::escape;
use crate::term::style::{LABEL, STATUS};

/// The milliseconds after which an escape character is the key Escape. Other keys, such as the arrows,
/// send it too, followed at once by more.
const ESCAPE_TIMEOUT: u16 = 50;

/// Prompts until `check` accepts the text.
pub(crate) fn text(
    prompt: &str,
    help: &str,
    default: Option<&str>,
    check: impl Fn(&str) -> std::result::Result<(), String>,
) -> Result<Option<String>> {
    let (prompt, help) = (escape::line(prompt), escape::line(help));
    let shown = default.map(escape::line);
    let typed =
        while_waiting(|| edit(&prompt, &help, shown.as_deref().unwrap_or_default(), check))?;
    Ok(typed.map(|typed| match default {
        Some(default) if shown.is_some_and(|shown| shown == typed) => default.to_owned(),
        _ => typed,
    }))
}

/// Prompts for one of several values.
pub(crate) fn select(
    prompt: &str,
    help: &str,
    choices: &[Choice],
    default: Option<&str>,
) -> Result<Option<String>> {
    let start = choices.iter().position(|choice| Some(choice.value()) == default);
    let (prompt, help) = (escape::line(prompt), escape::line(help));
    let mut select = Select::new(&prompt, labels(choices))
        .with_starting_cursor(start.unwrap_or_default())
        .with_render_config(menu_style())
        .without_filtering();
    if !help.is_empty() {
        select.help_message = Some(&help);
    }
    let chosen = while_waiting(|| menu(select.raw_prompt()))?;
    Ok(chosen
        .map(|chosen| choices.get(chosen.index).map(Choice::value).unwrap_or_default().to_owned()))
}

/// Prompts for several of several values; they are separated by commas.
fn multi_select(prompt: &str, choices: &[Choice], default: &str) -> Result<Option<String>> {
    let is_default = |choice: &Choice| default.split(',').any(|value| value == choice.value());
    let defaults: Vec<usize> = (0..)
        .zip(choices)
        .filter(|(_, choice)| is_default(choice))
        .map(|(index, _)| index)
        .collect();
    let prompt = escape::line(prompt);
    let select = MultiSelect::new(&prompt, labels(choices)).with_render_config(menu_style());
    let chosen = while_waiting(|| menu(select.with_default(&defaults).raw_prompt()))?;
    Ok(chosen.map(|chosen| {
        let chosen = chosen.iter().filter_map(|option| choices.get(option.index));
        chosen.map(Choice::value).collect::<Vec<_>>().join(",")
    }))
}

fn labels(choices: &[Choice]) -> Vec<Cow<'_, str>> {
    choices.iter().map(|choice| escape::line(choice.label())).collect()
}

/// Prompts for yes or no.
pub(crate) fn yes_or_no(prompt: &str, help: &str, default: bool) -> Result<Option<bool>> {
    let (prompt, help) = (escape::line(prompt), escape::line(help));
    let mut confirm = Confirm::new(&prompt).with_default(default).with_render_config(menu_style());
    confirm.help_message = Some(&*help).filter(|help| !help.is_empty());
    while_waiting(|| menu(confirm.prompt()))
}

/// Prompts for yes or no, when there is no question to go back to: Escape ends the program too.
pub(crate) fn confirm(prompt: &str, help: &str, default: bool) -> Result<bool> {
    yes_or_no(prompt, help, default)?.ok_or_else(Error::interrupted)
}

/// Asks a template's question.
pub(crate) fn answer(question: &Question) -> Result<Option<String>> {
    let (prompt, help) = (&*question.prompt, &*question.help);
    let default = question.default.as_deref();
    match &question.answer_type {
        AnswerType::Choice(choices) => select(prompt, help, choices, default),
        AnswerType::MultipleChoice(choices) => {
            multi_select(prompt, choices, default.unwrap_or_default())
        }
        AnswerType::Bool => {
            let answer = yes_or_no(prompt, help, default == Some("true"))?;
            Ok(answer.map(|answer| answer.to_string()))
        }
        AnswerType::Text { .. } => text(prompt, help, default, |answer| {
            let expected = || format!("expected {}", question.expected());
            question.accepts(answer).then_some(()).ok_or_else(expected)
        }),
    }
}

/// The style of menus: their first line looks like that of the [`TextPrompt`].
fn menu_style() -> RenderConfig<'static> {
    let config = RenderConfig::default();
    let prefix = Styled::new(">");
    let is_coloured = config.prompt_prefix.style.fg.is_some();
    config.with_prompt_prefix(if is_coloured { prefix.with_fg(Color::LightGreen) } else { prefix })
}

/// Translates the result of a menu.
fn menu<T>(result: InquireResult<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(InquireError::OperationCanceled) => Ok(None),
        Err(InquireError::OperationInterrupted) => Err(Error::interrupted()),
        Err(error) => Err(cannot_prompt(error)),
    }
}

/// Lets the user edit a line until `check` accepts it.
fn edit(
    prompt: &str,
    help: &str,
    start: &str,
    check: impl Fn(&str) -> std::result::Result<(), String>,
) -> Result<Option<String>> {
    let has_colours = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let config = Config::builder()
        // Standard output can be a file, for the result of `--json`.
        .behavior(Behavior::PreferTerm)
        .color_mode(if has_colours { ColorMode::Forced } else { ColorMode::Disabled })
        .keyseq_timeout(Some(ESCAPE_TIMEOUT))
        .build();
    let mut editor = Editor::<_, DefaultHistory>::with_config(config).map_err(cannot_prompt)?;
    editor.set_helper(Some(TextPrompt { help, check }));
    let escape = EscapeKey::default();
    let key = KeyEvent(KeyCode::Esc, Modifiers::NONE);
    editor.bind_sequence(key, EventHandler::Conditional(Box::new(escape.clone())));
    match editor.readline_with_initial(&format!("> {prompt} "), (start, "")) {
        Ok(line) => Ok(Some(line)),
        Err(ReadlineError::Interrupted) if escape.was_pressed.load(Ordering::Relaxed) => Ok(None),
        // The signal is SIGINT, which `rustyline` handles while it reads.
        Err(ReadlineError::Interrupted | ReadlineError::Eof | ReadlineError::Signal(_)) => {
            Err(Error::interrupted())
        }
        Err(error) => Err(cannot_prompt(error)),
    }
}

/// Ends the editing as Ctrl-C does, and remembers that it was not Ctrl-C.
#[derive(Clone, Default)]
struct EscapeKey {
    was_pressed: Arc<AtomicBool>,
}

impl ConditionalEventHandler for EscapeKey {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.was_pressed.store(true, Ordering::Relaxed);
        Some(Cmd::Interrupt)
    }
}

/// The prompt for a line of text, with its help behind the cursor.
struct TextPrompt<'a, C> {
    help: &'a str,
    check: C,
}

impl<C> Helper for TextPrompt<'_, C> where C: Fn(&str) -> std::result::Result<(), String> {}

impl<C> Completer for TextPrompt<'_, C> {
    type Candidate = String;
}

impl<C> Hinter for TextPrompt<'_, C> {
    type Hint = String;

    fn hint(&self, _: &str, _: usize, _: &Context<'_>) -> Option<String> {
        (!self.help.is_empty()).then(|| format!("  [{}]", self.help))
    }
}

impl<C> Highlighter for TextPrompt<'_, C> {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        let text = prompt.strip_prefix('>').unwrap_or(prompt);
        format!("{STATUS}>{STATUS:#}{text}").into()
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        format!("{LABEL}{hint}{LABEL:#}").into()
    }
}

impl<C> Validator for TextPrompt<'_, C>
where
    C: Fn(&str) -> std::result::Result<(), String>,
{
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match (self.check)(context.input()) {
            Ok(()) => ValidationResult::Valid(None),
            Err(why) => ValidationResult::Invalid(Some(format!("  # {}", escape::line(&why)))),
        })
    }
}

fn cannot_prompt(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new("cannot show a prompt on this terminal").because(error)
}
