//! `scaffold sync`: brings the events of the template in step with the routes and sources of the code.

use std::process::ExitCode;

use serde::Serialize;

use crate::cli::SyncArgs;
use crate::files;
use crate::infrastructure::no_template;
use crate::local::application::LocalApplication;
use crate::new_project::prompt;
use crate::process::{interrupt, this_program};
use crate::sam::{ConfigChoice, read_template};
use crate::sync;
use crate::sync::{
    AuthorizerChange, EventChange, EventKind, FunctionTriggers, Remark, Synchronized,
};
use crate::term::error::{Error, Result};
use crate::term::style::STATUS;
use crate::term::{diff, escape, message, output, quote, terminal};

pub(crate) fn run(arguments: SyncArgs) -> Result<ExitCode> {
    let SyncArgs { check, create_api, create_authorizer, delete_api, json, manifest_path } =
        arguments;
    let application =
        LocalApplication::with_template(manifest_path.as_deref(), &ConfigChoice::default())?;
    let application = application.ok_or_else(|| {
        let instead = "`scaffold sync` only writes `template.yaml`: add the routes and sources of the code to";
        no_template(manifest_path.as_deref(), instead)
    })?;
    let path = application.template.files().first().cloned().unwrap_or_default();
    let code = interrupt::block_on(sync::build(&application))?;
    let old = read_template(&path)?;
    let synchronize = |new_api, new_authorizers| {
        sync::synchronize(&old, &path, &application.template, &code, new_api, new_authorizers)
    };
    let mut new_api = create_api;
    // A check shows what would be added.
    let new_authorizers = create_authorizer || check;
    let mut result = synchronize(new_api, new_authorizers)?;
    if !result.without_api.is_empty() {
        // A check shows the API that would be the default.
        let kind = if check { EventKind::Http } else { ask_for_api(&result.without_api)? };
        new_api = Some(kind);
        result = synchronize(new_api, new_authorizers)?;
    }
    if !result.without_authorizer.is_empty() {
        ask_for_authorizers(&result.without_authorizer)?;
        result = synchronize(new_api, true)?;
    }
    if !check {
        if let Some(kind) = result.lost_apis.first().filter(|_| !delete_api) {
            ask_to_delete(*kind)?;
        }
        if result.text != old {
            files::replace(&path, result.text.as_bytes())?;
        }
    }
    let name = quote::relative(&path);
    if json {
        output::print_json(&JsonOutput::new(&name, &result, &old))?;
    } else if check {
        print_check(&name, &result, &old, &code)?;
    } else {
        print_changes(&name, &result, &code);
    }
    let is_different = check && result.text != old || !result.remaining.is_empty();
    Ok(if is_different { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Asks for permission to let SAM add an API.
pub(super) fn ask_for_api(functions: &[String]) -> Result<EventKind> {
    let names = quote::list_quoted(functions, "and");
    if !terminal::is_interactive() {
        return Err(Error::new(format!(
            "the template has no API for the routes of {names}, and nothing was changed"
        ))
        .hint(
            "pass `--create-api http` or `--create-api rest`, or give the function a \
             `FunctionUrlConfig`",
        ));
    }
    let question =
        format!("The template has no API for the routes of {names}. Create an HTTP API?");
    let help = "SAM adds it for the events; `--create-api rest` creates a REST API instead";
    if prompt::confirm(&question, help, true)? {
        Ok(EventKind::Http)
    } else {
        Err(Error::new("nothing was changed")
            .hint("give the function a `FunctionUrlConfig` instead"))
    }
}

/// Asks for permission to add functions of authorizers, and their entries in APIs.
fn ask_for_authorizers(missing: &[String]) -> Result<()> {
    let missing = quote::list(missing, "and");
    if !terminal::is_interactive() {
        let message = format!("the template lacks the {missing}, and nothing was changed");
        return Err(Error::new(message).hint("pass `--create-authorizer` to add them"));
    }
    let question = format!("The template lacks the {missing}. Add them?");
    let help =
        "the function runs the same program, with the settings of the function that it protects";
    if prompt::confirm(&question, help, true)? {
        Ok(())
    } else {
        Err(Error::new("nothing was changed"))
    }
}

/// Asks for permission to remove the last event of an API that SAM adds for its events.
fn ask_to_delete(kind: EventKind) -> Result<()> {
    let kind = kind.name();
    let message = format!("the last event of the {kind} would be removed, and with it the API");
    if terminal::is_interactive() {
        let question = format!("Remove the last event of the {kind}?");
        let help = "the next deployment deletes the API, and its address";
        if prompt::confirm(&question, help, false)? {
            return Ok(());
        }
        return Err(Error::new("nothing was changed"));
    }
    Err(Error::new(message).hint("pass `--delete-api` if that is what you want"))
}

fn print_check(
    name: &str,
    result: &Synchronized,
    old: &str,
    code: &[FunctionTriggers],
) -> Result<()> {
    if result.text != old {
        diff::print(name, old, &result.text)?;
        let message = format!("`{name}` differs from the code");
        message::error_with_hint(&message, &format!("run `{} sync`", this_program::command()));
    }
    print_remarks(result);
    if result.text == old && result.remaining.is_empty() {
        print_in_step(name, code, "compare");
    }
    Ok(())
}

fn print_changes(name: &str, result: &Synchronized, code: &[FunctionTriggers]) {
    for EventChange { function, event, from, to } in &result.changes {
        let (verb, what) = match (from, to) {
            (Some(from), Some(to)) => ("changed", format!("`{from}` to `{to}`")),
            (None, Some(to)) => ("added", format!("`{to}`")),
            (Some(from), None) => ("removed", format!("`{from}`")),
            (None, None) => continue,
        };
        let text = format!("{what}, event `{event}` of `{function}`");
        message::note(format_args!("{STATUS}{verb}{STATUS:#} {}", escape::line(&text)));
    }
    for AuthorizerChange { change, what } in &result.authorizers {
        message::note(format_args!("{STATUS}{change}{STATUS:#} {}", escape::line(what)));
    }
    print_remarks(result);
    if !result.remaining.is_empty() {
        return;
    }
    if result.changes.is_empty() && result.authorizers.is_empty() {
        print_in_step(name, code, "write");
        return;
    }
    let program = this_program::command();
    message::print_next(&[format!("{program} dev"), format!("{program} deploy")]);
}

fn print_in_step(name: &str, code: &[FunctionTriggers], verb: &str) {
    if code.iter().all(|function| function.triggers.is_empty()) {
        let text = "no handler has a route or a source, so there is nothing to";
        message::note(format_args!("{STATUS}ok:{STATUS:#} {text} {verb}"));
        return;
    }
    let name = escape::line(name);
    message::note(format_args!("{STATUS}ok:{STATUS:#} `{name}` is in step with the code"));
}

fn print_remarks(result: &Synchronized) {
    for Remark { message, hint } in &result.remaining {
        message::error_with_hint(message, hint);
    }
    for Remark { message, hint } in &result.remarks {
        message::warn_with_hint(message, hint);
    }
}

/// The output of `--json`.
#[derive(Debug, Serialize)]
struct JsonOutput<'a> {
    template: &'a str,
    /// The events that were changed, or would be.
    changes: &'a [EventChange],
    /// The same of authorizers.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorizers: &'a [AuthorizerChange],
    /// The differences that remain.
    errors: &'a [Remark],
    warnings: &'a [Remark],
    diff: String,
}

impl<'a> JsonOutput<'a> {
    fn new(template: &'a str, result: &'a Synchronized, old: &str) -> Self {
        let Synchronized { text, changes, authorizers, remaining, remarks, .. } = result;
        let diff = if text == old { String::new() } else { diff::plain(template, old, text) };
        Self { template, changes, authorizers, errors: remaining, warnings: remarks, diff }
    }
}
