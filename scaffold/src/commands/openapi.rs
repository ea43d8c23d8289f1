//! `scaffold openapi`: describes the routes of a project.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::OpenapiArgs;
use crate::files;
use crate::openapi;
use crate::openapi::format::Format;
use crate::process::{interrupt, this_program};
use crate::term::error::{Error, Result};
use crate::term::{diff, escape, message, output, quote};

pub(crate) fn run(arguments: OpenapiArgs) -> Result<ExitCode> {
    let OpenapiArgs { format, output, check, manifest_path } = arguments;
    let document = interrupt::block_on(openapi::of_project(manifest_path))?;
    let format = format.unwrap_or_else(|| output.as_deref().map_or(Format::Json, Format::of_file));
    let document = format.write(&document)?;
    match output {
        None => output::print(&escape::lines(&document)),
        Some(path) if check => compare(&path, &document),
        Some(path) => write(&path, &document),
    }
}

/// Writes the file, unless it has these contents.
fn write(path: &Path, document: &str) -> Result<ExitCode> {
    let name = escape::line(&quote::relative(path)).into_owned();
    if files::read_text_if_there(path)?.as_deref() == Some(document) {
        message::note(format_args!("{name} is up to date"));
        return Ok(ExitCode::SUCCESS);
    }
    files::replace(path, document.as_bytes())?;
    message::note(format_args!("wrote {name}"));
    Ok(ExitCode::SUCCESS)
}

/// Prints how the file differs from the document.
fn compare(path: &Path, document: &str) -> Result<ExitCode> {
    let name = quote::relative(path);
    let program = this_program::command();
    let written = files::read_text_if_there(path)?;
    // Git can have changed the ends of lines.
    let written = written.map(|text| text.replace("\r\n", "\n"));
    if written.as_deref() == Some(document) {
        message::note(format_args!("{} is up to date", escape::line(&name)));
        return Ok(ExitCode::SUCCESS);
    }
    let state = if written.is_some() { "is out of date" } else { "does not exist" };
    if let Some(written) = written {
        diff::print(&name, &written, document)?;
    }
    Err(Error::new(format!("`{name}` {state}"))
        .hint(format!("`{program} openapi --output {}` writes it", quote::quote(&name))))
}
