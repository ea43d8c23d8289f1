//! The handlers that a template names, and those that an executable has recorded.

use std::path::Path;

use lambda_native::record;
use serde::Serialize;

use super::expected::Expected;
use super::finding::{Finding, FindingCode};
use crate::aws::BOOTSTRAP;
use crate::files;
use crate::sam::TemplateFunction;
use crate::term::error::{Error, Result};
use crate::term::nearest::nearest;
use crate::term::quote;

/// A handler and its types, as the source spells them.
#[derive(Debug, PartialEq, Eq, Serialize)]
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
    /// The setting `Handler` chooses it.
    #[serde(skip)]
    named: bool,
}

/// The source of a handler's events.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct HandlerSource {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A route of a handler.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct HandlerRoute {
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A parameter of a handler with routes, or of an authorizer.
#[derive(Debug, PartialEq, Eq, Serialize)]
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
            named: record.named,
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
    let program = Program::of(&handlers);
    if program.runs(handler) {
        return Ok(handlers);
    }
    let message = format!("the program of `{}` has no handler `{handler}`", function.name);
    Err(Error::new(message).hint(program.fix(handler)))
}

/// Finds the handlers that are missing in the executable.
pub(super) fn check<'a>(
    name: &'a str,
    handlers: &'a [HandlerSignature],
    expected: &'a Expected,
) -> impl Iterator<Item = Finding> + 'a {
    let program = Program::of(handlers);
    expected.handlers.iter().filter_map(move |(function, handler)| {
        let message =
            format!("{name} has no handler `{handler}`, which the template names for `{function}`");
        let finding = || Finding::new(FindingCode::Handler, message).hint(program.fix(handler));
        (!program.runs(handler)).then(finding)
    })
}

/// The handlers of a program, as the setting `Handler` chooses among them.
struct Program<'a> {
    names: Vec<&'a str>,
    has_routes: bool,
    /// It runs its only handler for any setting.
    runs_any: bool,
}

impl<'a> Program<'a> {
    fn of(handlers: &'a [HandlerSignature]) -> Self {
        let mut names = Vec::new();
        // Without optimizations, an executable can have a record twice.
        for HandlerSignature { name, .. } in handlers {
            if !names.contains(&name.as_str()) {
                names.push(name.as_str());
            }
        }
        Self {
            has_routes: handlers.iter().any(|handler| !handler.routes.is_empty()),
            runs_any: names.len() < 2 && !handlers.iter().any(|handler| handler.named),
            names,
        }
    }

    /// Checks whether it runs a handler for this setting. One with routes serves them all, unless the setting is a
    /// misspelled name: at most a third of it has to change. The name of a module can come before that of the
    /// handler.
    fn runs(&self, setting: &str) -> bool {
        let last = last_segment(setting);
        let is_misspelled =
            |name: &&str| strsim::levenshtein(last, name) <= name.chars().count() / 3;
        self.runs_any
            || self.names.iter().any(|name| [setting, last].contains(name))
            || self.has_routes && !self.names.iter().any(is_misspelled)
    }

    /// Returns the fix for a setting for which it runs no handler.
    fn fix(&self, setting: &str) -> String {
        let last = last_segment(setting);
        let near = nearest(last, &self.names).map(|near| format!("did you mean `{near}`? "));
        let near = near.unwrap_or_default();
        let known = quote::list_quoted(&self.names, "or");
        let set = format!("{near}set `Handler` in the template to {known}");
        // The usual setting is not the name of a handler that somebody wants to write.
        if setting == BOOTSTRAP {
            return set;
        }
        let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
        let is_identifier =
            last.chars().all(is_part) && !last.starts_with(|c: char| c.is_ascii_digit());
        let mark = if is_identifier {
            format!("mark a function `{last}` with `#[lambda_handler(named)]`")
        } else {
            format!("mark a function with `#[lambda_handler(named = \"{setting}\")]`")
        };
        format!("{set}, or {mark} and list it in `main!`")
    }
}

/// Returns the part of a setting after the name of a module.
fn last_segment(setting: &str) -> &str {
    setting.rsplit_once('.').map_or(setting, |(_, last)| last)
}

#[cfg(test)]
mod tests {
    use super::Program;

    #[test]
    fn a_program_with_routes_takes_every_setting_but_a_misspelled_name() {
        let names = vec!["get_order", "list_orders"];
        let routed = Program { names: names.clone(), has_routes: true, runs_any: false };
        assert!(routed.runs("bootstrap"));
        assert!(routed.runs("orders.get_order"));
        assert!(!routed.runs("get_orders"));
        assert!(!Program { names, has_routes: false, runs_any: false }.runs("bootstrap"));
    }

    #[test]
    fn only_a_handler_without_a_name_runs_for_every_setting() {
        let program = |runs_any| Program { names: vec!["get_order"], has_routes: false, runs_any };
        assert!(program(true).runs("bootstrap"));
        assert!(!program(false).runs("bootstrap"));
        assert!(program(false).runs("get_order"));
    }

    #[test]
    fn the_fix_says_what_to_write() {
        let program =
            Program { names: vec!["create", "remove"], has_routes: false, runs_any: false };
        for (setting, fix) in [
            ("bootstrap", "set `Handler` in the template to `create` or `remove`"),
            (
                "notes.remov",
                "did you mean `remove`? set `Handler` in the template to `create` or `remove`, or mark a \
                 function `remov` with `#[lambda_handler(named)]` and list it in `main!`",
            ),
            (
                "get-all",
                "set `Handler` in the template to `create` or `remove`, or mark a function with \
                 `#[lambda_handler(named = \"get-all\")]` and list it in `main!`",
            ),
        ] {
            assert_eq!(program.fix(setting), fix);
        }
    }
}
