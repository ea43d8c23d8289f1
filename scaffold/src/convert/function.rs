//! The file with the `main` of a function.

use std::collections::BTreeSet;
use std::path::PathBuf;

use syn::spanned::Spanned;

use super::code::{Code, Edit, TokenKind};
use super::entry::{self, Entry, Handler, Library};
use super::equivalents::{Needs, Part};
use super::functions::{self, event_functions};
use super::handler::{self, MainFile};
use super::imports::{self, Imports};
use super::problem::Problems;
use super::{callers, code, extensions, streaming, tower};

/// The kind of a converted function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Events,
    Http,
    /// A service of `tower`.
    Service,
}

/// A converted file.
pub(super) struct Function {
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) is_streaming: bool,
    /// A line about the function, for the user.
    pub(super) found: String,
    /// The handler, if it stands in a module with its own file.
    pub(super) elsewhere: Option<ModuleHandler>,
}

/// A handler in a module with its own file.
#[derive(Clone, Debug)]
pub(super) struct ModuleHandler {
    pub(super) file: PathBuf,
    pub(super) name: String,
    pub(super) library: Library,
    /// The arguments of `#[lambda_handler]`, in parentheses.
    pub(super) arguments: String,
}

/// A way to run a handler.
#[derive(Clone, Copy)]
enum Way {
    /// `#[lambda_handler]`
    Attribute,
    /// `lambda_native::http::service`
    Tower,
}

/// Converts the file with `main`. `spawns` tells whether the package starts tasks.
pub(super) fn convert(
    code: &Code,
    spawns: bool,
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<Function> {
    let imports = Imports::of(code, code.source.file());
    let entry = entry::find(code, &imports, problems)?;
    let ways: &[Way] = match (&entry.handler, entry.library, entry.is_streaming) {
        (Handler::Service, ..) | (_, Library::Http, true) => &[Way::Tower],
        (Handler::Function(_), Library::Http, false) => &[Way::Attribute, Way::Tower],
        _ => &[Way::Attribute],
    };
    let mut fewest: Option<Problems> = None;
    for way in ways {
        // The next way starts without the traces of this one.
        let (mut own, mut found) = (needs.clone(), Problems::default());
        let converted = attempt(code, &entry, &imports, (*way, spawns), &mut own, &mut found);
        if let Some(converted) = converted
            && found.is_empty()
        {
            *needs = own;
            return Some(converted);
        }
        if fewest.as_ref().is_none_or(|fewest| found.len() < fewest.len()) {
            fewest = Some(found);
        }
    }
    let mut fewest = fewest.unwrap_or_default();
    if fewest.is_empty() && problems.is_empty() {
        let position = code.source.range(entry.main.sig.span()).start;
        let hint = "write a function that takes the event, and name it in `run(service_fn(…))`";
        fewest.add(code, position, "this handler is not converted", hint);
    }
    problems.append(fewest);
    None
}

fn attempt(
    code: &Code,
    entry: &Entry<'_>,
    imports: &Imports,
    (way, spawns): (Way, bool),
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<Function> {
    let kind = match (way, entry.library) {
        (Way::Tower, _) => Kind::Service,
        (_, Library::Http) => Kind::Http,
        (_, Library::Events) => Kind::Events,
    };
    let mut elsewhere = None;
    let (mut edits, added, found) = match way {
        Way::Tower => tower::convert(code, entry, imports, needs, problems)?,
        Way::Attribute => {
            needs.part = Part::Handler;
            let main = MainFile { code, entry, imports, spawns };
            handler::convert(&main, &mut elsewhere, needs, problems)?
        }
    };
    imports::rewrite(code, &mut edits, &added, needs, problems);
    check_leftovers(code, &edits, needs, problems);
    check_texts(&edits, needs);
    let text = code.edited(&edits);
    if text.is_none() {
        let message = "two changes of this file overlap";
        problems.add(code, 0, message, "report this as a bug, and convert the file by hand");
    }
    let is_streaming = entry.is_streaming || needs.part == Part::Channel;
    Some(Function { text: text?, kind, is_streaming, found, elsewhere })
}

pub(super) type Changes = (Vec<Edit>, BTreeSet<String>, String);

/// Refuses names of the replaced crates that no edit reaches.
fn check_leftovers(code: &Code, edits: &[Edit], needs: &Needs, problems: &mut Problems) {
    let in_use_item = |position: usize| edits.iter().any(|(range, _)| range.contains(&position));
    for token in &code.tokens {
        let is_left = token.kind == TokenKind::Ident
            && (token.text == "LambdaEvent"
                || token.text == "service_fn" && !needs.part.is_service())
            && !in_use_item(token.range.start);
        let is_tower = code.text(0..token.range.start).ends_with("tower::");
        if is_left && !is_tower {
            let message = format!("this use of `{}` is not converted", token.text);
            let hint = "take the event and `&Context` as two parameters";
            problems.add(code, token.range.start, message, hint);
        }
    }
}

/// Adds what the new code names.
fn check_texts(edits: &[Edit], needs: &mut Needs) {
    if edits.iter().any(|(_, text)| text.starts_with("http::Response::new(")) {
        needs.crates.insert("http");
        if needs.part.is_service() {
            needs.crates.extend(["bytes", "http-body-util"]);
        } else {
            needs.features.insert("http-types");
        }
    }
}

/// Converts another file of the package, which has no `main`. `handler` stands in it. `has_service` tells whether a
/// binary of the package runs a service of `tower`.
pub(super) fn convert_module(
    code: &Code,
    handler: Option<&ModuleHandler>,
    has_service: bool,
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<String> {
    let imports = Imports::of(code, code.source.file());
    let mut edits = Vec::new();
    let mut added = BTreeSet::new();
    let has_events = code.tokens.iter().any(|token| token.text == "LambdaEvent");
    if has_service && handler.is_none() && !has_events {
        needs.part = Part::ServiceModule;
        extensions::edit(code, &mut edits, problems);
    } else {
        needs.part = Part::Module;
        let is_http = code.tokens.iter().any(|token| token.text == "lambda_http");
        let library = if is_http { Library::Http } else { Library::Events };
        let library = handler.map_or(library, |handler| handler.library);
        let functions = event_functions(code, &imports, library);
        let context_type = imports.context_type();
        if let Some(handler) = handler.filter(|it| !functions.contains_key(&it.name)) {
            let message = format!("the handler `{}` is not a function of this file", handler.name);
            let hint = "name the module in which it stands in `service_fn(module::handler)`";
            problems.add(code, 0, message, hint);
        } else if let Some(handler) = handler.and_then(|it| functions.get(&it.name))
            && (handler.is_generic() || streaming::is_streaming(&imports, handler))
        {
            let position = handler.parameter_range(code).start;
            let message = "the handler is generic or sends its response through a channel";
            problems.add(code, position, message, "move it into the file of `main`");
        }
        let main = handler.map(|it| (it.name.as_str(), it.arguments.clone()));
        let edited = functions::edit(code, &functions, library, main, context_type, problems);
        edits.extend(edited.edits);
        added.extend(edited.imports);
        edits.extend(callers::edit(code, &functions, problems));
        if imports.is_ours("Request") {
            extensions::edit_requests(code, &mut edits, problems);
        }
    }
    imports::rewrite(code, &mut edits, &added, needs, problems);
    check_leftovers(code, &edits, needs, problems);
    check_texts(&edits, needs);
    if edits.is_empty() { None } else { code.edited(&edits) }
}

/// Tells whether a file starts tasks or threads of tokio.
pub(super) fn spawns(code: &code::Code) -> bool {
    let names = ["spawn", "spawn_blocking", "spawn_local", "block_in_place", "JoinSet"];
    code.tokens.iter().any(|token| names.contains(&&*token.text))
}
