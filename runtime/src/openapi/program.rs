//! Printing the document.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use super::document::Document;

/// The variable that asks a program for its document: `scaffold openapi` sets it.
const VARIABLE: &str = "LAMBDA_NATIVE_OPENAPI";

/// Prints the document of the functions that `add` adds, if the environment asks for it. The program ends then.
pub fn print_if_asked(add: impl FnOnce(&mut Document)) -> Option<ExitCode> {
    env::var_os(VARIABLE)?;
    let mut document = Document::new();
    add(&mut document);
    let printed = writeln!(io::stdout(), "{}", document.write());
    Some(if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
