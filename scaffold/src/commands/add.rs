//! `scaffold add`: adds a handler to the project.

use std::process::ExitCode;

use super::sync::ask_for_api;
use crate::add::{AdditionPlan, BinaryFilter, HandlerKind, NewHandler, plan};
use crate::cli::{
    AddArgs, AddCommand, AddFunctionArgs, AddProjectArgs, AddQueueArgs, AddRouteArgs,
};
use crate::files;
use crate::infrastructure::no_template;
use crate::local::application::LocalApplication;
use crate::new_project::prompt;
use crate::process::{interrupt, this_program};
use crate::sam::ConfigChoice;
use crate::sync::{EventKind, Remark};
use crate::term::error::{Error, Result};
use crate::term::style::STATUS;
use crate::term::{diff, escape, message, quote, terminal};

pub(crate) fn run(arguments: AddArgs) -> Result<ExitCode> {
    // So that Ctrl-C does not come between two files.
    interrupt::watch()?;
    let (kind, name, new_api, project) = match arguments.command {
        AddCommand::Route(AddRouteArgs { route, name, create_api, project }) => {
            (HandlerKind::Route(route), name, create_api, project)
        }
        AddCommand::Function(AddFunctionArgs { name, project }) => {
            (HandlerKind::Function, Some(name), None, project)
        }
        AddCommand::Queue(AddQueueArgs { queue, handler, project }) => {
            (HandlerKind::Queue(queue), handler, None, project)
        }
    };
    let AddProjectArgs { yes, dry_run, bin, package, manifest_path } = project;
    let application =
        LocalApplication::with_template(manifest_path.as_deref(), &ConfigChoice::default())?;
    let application = application.ok_or_else(|| {
        let instead = "`scaffold add` only knows `template.yaml`: write the handler, and add its route or source to";
        no_template(manifest_path.as_deref(), instead)
    })?;
    // These show the default, or take it.
    let new_api = new_api.or((yes || dry_run).then_some(EventKind::Http));
    let mut new = NewHandler { kind, name, binary: BinaryFilter { bin, package }, new_api };
    let mut plan = plan_with_api(&mut new, &application)?;
    if dry_run {
        print_changes(&plan)?;
        print_remarks(&plan);
        return Ok(ExitCode::SUCCESS);
    }
    if !yes {
        confirm(&plan)?;
    }
    interrupt::check()?;
    files::write_all(&plan.changes)?;
    plan.changes.sort_by_key(|change| change.old.is_none());
    print_result(&new.kind, &plan);
    Ok(ExitCode::SUCCESS)
}

/// Plans the changes, and asks for an API if the template has none.
fn plan_with_api(new: &mut NewHandler, application: &LocalApplication) -> Result<AdditionPlan> {
    let first = plan(new, application)?;
    if !first.is_without_api {
        return Ok(first);
    }
    new.new_api = Some(ask_for_api(&[first.function])?);
    plan(new, application)
}

fn print_changes(plan: &AdditionPlan) -> Result<()> {
    for change in &plan.changes {
        let old = change.old.as_deref().unwrap_or_default();
        diff::print(&quote::relative(&change.path), old, &change.new)?;
    }
    Ok(())
}

fn confirm(plan: &AdditionPlan) -> Result<()> {
    if !terminal::is_interactive() {
        return Err(Error::new("not a terminal, so nothing can be asked, and nothing was changed")
            .hint("pass `--yes` to write the changes, or `--dry-run` to see them"));
    }
    print_changes(plan)?;
    if prompt::confirm("Write these changes?", "", true)? {
        Ok(())
    } else {
        Err(Error::new("nothing was changed"))
    }
}

fn print_remarks(plan: &AdditionPlan) {
    for Remark { message, hint } in &plan.remarks {
        message::warn_with_hint(message, hint);
    }
}

/// Prints the written files and the next steps.
fn print_result(kind: &HandlerKind, plan: &AdditionPlan) {
    for change in &plan.changes {
        let verb = if change.old.is_some() { "changed" } else { "created" };
        let name = quote::relative(&change.path);
        message::note(format_args!("{STATUS}{verb}{STATUS:#} {}", escape::line(&name)));
    }
    print_remarks(plan);
    let program = this_program::command();
    let mut next = vec!["cargo test".to_owned()];
    match kind {
        HandlerKind::Route(route) => next.extend([format!("{program} dev"), route.curl()]),
        HandlerKind::Function | HandlerKind::Queue(_) => {
            let event = quote::relative(&plan.event);
            let (function, event) = (quote::quote(&plan.function), quote::quote(&event));
            next.push(format!("{program} invoke {function} --event {event}"));
        }
    }
    message::print_next(&next);
}
