//! `scaffold list`: prints the templates, with `--json` also the schema of their answers.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::ListArgs;
use crate::new_project::schema;
use crate::new_project::template::{Template, catalogue};
use crate::process::this_program;
use crate::term::error::Result;
use crate::term::style::COMMAND;
use crate::term::{message, output};

pub(crate) fn run(arguments: &ListArgs) -> Result<ExitCode> {
    if arguments.json {
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

fn describe(template: &Template) -> Value {
    json!({
        "name": template.name(),
        "description": template.config.description,
        "hash": template.hash(),
        "answers": schema::of(template),
    })
}
