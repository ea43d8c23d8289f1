//! `scaffold list`: the templates, and for programs what each asks.

use std::fmt::Write as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use crate::cli::ListArgs;
use crate::error::Result;
use crate::template::{Template, catalogue};
use crate::{output, schema};

const NAME: Style = AnsiColor::Cyan.on_default();

pub(crate) fn run(arguments: &ListArgs) -> Result<ExitCode> {
    if arguments.json {
        let templates = catalogue().iter().map(describe).collect::<Result<Vec<_>>>()?;
        return output::print(&format!("{:#}\n", serde_json::json!({ "templates": templates })));
    }
    let names = catalogue().iter().filter_map(Template::name);
    let width = names.map(str::len).max().unwrap_or_default();
    let mut list = String::new();
    for template in catalogue() {
        let name = template.name().unwrap_or_default();
        let description = &template.config.description;
        // Writing to a string does not fail.
        let _ = writeln!(list, "{NAME}{name:width$}{NAME:#}  {description}");
    }
    output::print(&list)
}

fn describe(template: &Template) -> Result<serde_json::Value> {
    Ok(serde_json::json!({
        "name": template.name(),
        "description": template.config.description,
        "hash": template.hash(),
        "answers": schema::of(template)?,
    }))
}
