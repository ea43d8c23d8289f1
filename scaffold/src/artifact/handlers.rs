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
    /// The first line of its documentation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) doc: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) routes: Vec<HandlerRoute>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) parameters: Vec<HandlerParameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<HandlerSource>,
    /// The name of the authorizer of its routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth: Option<String>,
}

/// The source of a handler's events.
#[derive(Debug, Serialize)]
pub(crate) struct HandlerSource {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A route of a handler.
#[derive(Debug, Serialize)]
pub(crate) struct HandlerRoute {
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A parameter of a handler with routes, or of an authorizer.
#[derive(Debug, Serialize)]
pub(crate) struct HandlerParameter {
    #[serde(rename = "in")]
    place: String,
    name: String,
    #[serde(rename = "type")]
    ty: String,
    required: bool,
}

impl From<record::Record> for HandlerSignature {
    fn from(record: record::Record) -> Self {
        let kind = match record.kind {
            record::Kind::Http => "http",
            record::Kind::Authorizer => "authorizer",
            _ => "event",
        };
        let routes = record.routes.into_iter();
        let parameters = record.parameters.into_iter();
        Self {
            name: record.name,
            kind,
            input: record.input,
            output: record.output,
            types: record.types,
            runtime: record.runtime,
            doc: record.doc,
            routes: routes
                .map(|route| HandlerRoute { method: route.method, path: route.path })
                .collect(),
            parameters: parameters
                .map(|it| HandlerParameter {
                    place: it.place,
                    name: it.name,
                    ty: it.ty,
                    required: it.required,
                })
                .collect(),
            source: record
                .source
                .map(|source| HandlerSource { kind: source.kind, name: source.name }),
            auth: record.auth,
        }
    }
}

/// Returns the handlers of the executable. Fails if the one that the template names for a function is not
/// there: Lambda would start the program in vain.
pub(crate) fn check_handler(
    function: &TemplateFunction,
    executable: &Path,
) -> Result<Vec<HandlerSignature>> {
    // A newer runtime's records cannot be read, which is not a problem.
    let records = record::read(&files::read(executable)?).unwrap_or_default();
    let handlers: Vec<_> = records.into_iter().map(HandlerSignature::from).collect();
    let Some(handler) = &function.handler else { return Ok(handlers) };
    let names = distinct(handlers.iter().map(|handler| handler.name.as_str()));
    let has_routes = handlers.iter().any(|handler| !handler.routes.is_empty());
    if is_known(handler, &names, has_routes) {
        return Ok(handlers);
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
    let names = distinct(handlers.iter().map(|handler| handler.name.as_str()));
    let has_routes = handlers.iter().any(|handler| !handler.routes.is_empty());
    expected.handlers.iter().filter_map(move |(function, handler)| {
        let message =
            format!("{name} has no handler `{handler}`, which the template names for `{function}`");
        let finding = || Finding::new(FindingCode::Handler, message).hint(fix(&names));
        (!is_known(handler, &names, has_routes)).then(finding)
    })
}

/// The names, each once: without optimizations, an executable can have a record twice.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

/// Checks whether a program with these handlers runs one for the setting `Handler`. A program with only
/// one runs it for any setting, and one with routes serves them all, unless the setting is a misspelled name:
/// at most a third of it has to change. The name of a module can come before that of the handler.
fn is_known(handler: &str, names: &[&str], has_routes: bool) -> bool {
    let last = handler.rsplit_once('.').map_or(handler, |(_, last)| last);
    let is_misspelled = |name: &&str| strsim::levenshtein(last, name) <= name.chars().count() / 3;
    names.len() < 2
        || names.iter().any(|name| [handler, last].contains(name))
        || has_routes && !names.iter().any(is_misspelled)
}

fn fix(names: &[&str]) -> String {
    format!("set `Handler` in the template to one of `{}`", names.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn a_program_with_routes_takes_every_setting_but_a_misspelled_name() {
        let names = ["get_order", "list_orders"];
        assert!(is_known("bootstrap", &names, true));
        assert!(is_known("orders.get_order", &names, true));
        assert!(!is_known("get_orders", &names, true));
        assert!(!is_known("bootstrap", &names, false));
        assert!(is_known("bootstrap", &["get_order"], false));
    }
}
