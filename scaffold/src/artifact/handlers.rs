//! The handlers that a template names, and those that an executable has recorded.

use std::path::Path;

use lambda_native::record;
use serde::Serialize;

use super::expected::Expected;
use super::finding::{Finding, FindingCode};
use crate::files;
use crate::sam::TemplateFunction;
use crate::term::error::{Error, Result};

/// A handler and its types, as the source spells them.
#[derive(Debug, Serialize)]
pub(crate) struct HandlerSignature {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) input: Option<String>,
    pub(crate) output: String,
    /// The types of its JSON context.
    pub(crate) types: Vec<String>,
    /// The version of `lambda-native` that it uses.
    pub(crate) runtime: String,
}

/// Fails if the executable does not have the handler that the template names for a function: Lambda
/// would start the program in vain.
pub(crate) fn check_handler(function: &TemplateFunction, executable: &Path) -> Result<()> {
    let Some(handler) = &function.handler else { return Ok(()) };
    // A newer runtime's records cannot be read, which is not a problem.
    let Ok(records) = record::read(&files::read(executable)?) else { return Ok(()) };
    let names: Vec<_> = records.iter().map(|record| record.name.as_str()).collect();
    if is_known(handler, &names) {
        return Ok(());
    }
    let message = format!("the program of `{}` has no handler `{handler}`", function.name);
    Err(Error::new(message).hint(fix(&names)))
}

/// Finds the handlers that are missing in the executable.
pub(super) fn check<'a>(
    name: &'a str,
    handlers: &'a [HandlerSignature],
    expected: &'a Expected,
) -> impl Iterator<Item = Finding> + 'a {
    let names: Vec<_> = handlers.iter().map(|handler| handler.name.as_str()).collect();
    expected.handlers.iter().filter_map(move |(function, handler)| {
        let message =
            format!("{name} has no handler `{handler}`, which the template names for `{function}`");
        let finding = || Finding::new(FindingCode::Handler, message).hint(fix(&names));
        (!is_known(handler, &names)).then(finding)
    })
}

/// Checks whether a program with these handlers runs one for the setting `Handler`. A program with only
/// one runs it for any setting. The name of a module can come before that of the handler.
fn is_known(handler: &str, names: &[&str]) -> bool {
    let last = handler.rsplit_once('.').map_or(handler, |(_, last)| last);
    names.len() < 2 || names.iter().any(|name| [handler, last].contains(name))
}

fn fix(names: &[&str]) -> String {
    format!("set `Handler` in the template to one of `{}`", names.join("`, `"))
}
