//! `scaffold list`: prints the templates, with `--json` also the schema of their answers, or the functions on AWS.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::ListArgs;
use crate::files;
use crate::new_project::schema;
use crate::new_project::template::{Template, catalogue};
use crate::process::{interrupt, this_program};
use crate::remote::list::Listing;
use crate::remote::project::{RemoteChoice, RemoteProject};
use crate::term::error::{Error, Result};
use crate::term::style::COMMAND;
use crate::term::{escape, message, output, quote};

pub(crate) fn run(arguments: ListArgs) -> Result<ExitCode> {
    let ListArgs { remote, all, choice, json } = arguments;
    let choice = RemoteChoice::from(choice);
    if remote {
        let project = RemoteProject::read(&files::current_folder()?, choice)?;
        return list_functions(&project, all, json);
    }
    if let Some(flag) = choice.first_flag() {
        return Err(only_remote(flag));
    }
    if json {
        let templates: Vec<_> = catalogue().iter().map(describe).collect();
        return output::print(&format!("{:#}\n", json!({ "templates": templates })));
    }
    let names = catalogue().iter().filter_map(Template::name);
    let width = names.map(str::len).max().unwrap_or_default();
    let mut list = String::new();
    for template in catalogue() {
        let name = template.name().unwrap_or_default();
        let description = &template.config.description;
        // Writing to a string does not fail.
        let _ = writeln!(list, "{COMMAND}{name:width$}{COMMAND:#}  {description}");
    }
    let code = output::print(&list)?;
    let program = this_program::command();
    message::print_next(&[format!("{program} new NAME --template TEMPLATE")]);
    Ok(code)
}

/// The error of a flag that has a meaning only for functions on AWS.
pub(super) fn only_remote(flag: &str) -> Error {
    Error::new(format!("`{flag}` needs `--remote`")).hint("add `--remote`").usage()
}

/// Prints the functions on AWS.
fn list_functions(project: &RemoteProject, all: bool, json: bool) -> Result<ExitCode> {
    let listing = interrupt::block_on(Listing::read(project, all))?;
    if json {
        return output::print_json(&listing);
    }
    let region = match &listing.region {
        Some(region) => format!("in {}", escape::line(region)),
        None => "in this region".to_owned(),
    };
    let others = match listing.others {
        0 => String::new(),
        1 => "; `--all` lists another one".to_owned(),
        others => format!("; `--all` lists {others} others"),
    };
    let flags = &project.flags;
    if listing.functions.is_empty() {
        let whose =
            if listing.others > 0 { "no functions of this project" } else { "no functions" };
        message::note(format_args!("{whose} {region}{others}"));
        return Ok(ExitCode::SUCCESS);
    }
    let code = output::print(&listing.table())?;
    if listing.others > 0 {
        message::note(format_args!("the functions of this project {region}{others}"));
    }
    let program = this_program::command();
    let name = listing.functions.first().map(|function| quote::quote(&function.name));
    let name = name.unwrap_or_default();
    message::print_next(&[
        format!("{program} invoke --remote {name}{flags}"),
        format!("{program} logs {name}{flags}"),
    ]);
    Ok(code)
}

fn describe(template: &Template) -> Value {
    json!({
        "name": template.name(),
        "description": template.config.description,
        "hash": template.hash(),
        "answers": schema::of(template),
    })
}
