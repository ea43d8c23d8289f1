//! The file with the `main` of a function.

use std::collections::BTreeSet;

use syn::spanned::Spanned;

use super::closure::{self, HandlerFn, Surroundings};
use super::code::{Code, Edit, TokenKind};
use super::entry::{self, Entry, Handler, Library};
use super::equivalents::Needs;
use super::functions::{self, event_functions};
use super::imports::{self, Imports};
use super::problem::Problems;
use super::state::{self, State};
use super::{callers, code};

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
    /// A line about the function, for the user.
    pub(super) found: String,
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
    let kind = match (&entry.handler, entry.library) {
        (Handler::Service, _) => Kind::Service,
        (_, Library::Http) => Kind::Http,
        (_, Library::Events) => Kind::Events,
    };
    let (mut edits, added, found) = match &entry.handler {
        Handler::Service => service(code, &entry, needs, problems)?,
        _ => handler(code, &entry, &imports, spawns, needs, problems)?,
    };
    imports::rewrite(code, &mut edits, &added, needs, problems);
    check_leftovers(code, &edits, problems);
    check_texts(&edits, needs);
    let text = code.edited(&edits);
    if text.is_none() {
        let message = "two changes of this file overlap";
        problems.add(code, 0, message, "report this as a bug, and convert the file by hand");
    }
    Some(Function { text: text?, kind, found })
}

type Changes = (Vec<Edit>, BTreeSet<String>, String);

/// Edits the call of `run` that gets a service of `tower`.
fn service(
    code: &Code,
    entry: &Entry<'_>,
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<Changes> {
    let mut edits = Vec::new();
    let syn::Expr::Call(call) = entry.end.call else { return None };
    let argument = code.text(code.source.range(call.args.span())).to_owned();
    let new = format!("lambda_native::run(lambda_native::http::service({argument})).await?");
    let statement = entry.end.statement.clone();
    match (entry.end.last, entry.end.is_tried) {
        (Some(_), true) => edits.push((statement, format!("{new};"))),
        (None, false) if !code.text(statement.clone()).ends_with(';') => {
            edits.push((statement, format!("match {new} {{}}")));
        }
        _ => {
            let message = "this call of `run` ignores its error or unwraps it";
            let hint = "return the error: `run(…).await`";
            problems.add(code, entry.end.statement.start, message, hint);
        }
    }
    needs.features.insert("tower");
    needs.is_service = true;
    needs.tokio.extend(["macros", "rt-multi-thread"]);
    Some((edits, BTreeSet::new(), format!("`lambda_http::run({argument})`")))
}

/// Makes a function the handler, and `main` its `init`.
fn handler(
    code: &Code,
    entry: &Entry<'_>,
    imports: &Imports,
    spawns: bool,
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<Changes> {
    let event_functions = event_functions(code, imports, entry.library);
    let variables = state::variables(code, entry);
    let has_init = !entry.setup.is_empty() || !entry.logging.is_empty();
    let flavor = flavor(code, entry, spawns);
    if flavor.is_some() {
        needs.features.insert("multi-thread");
    }
    let init = format!("init = {}", state::init_name(code));
    let arguments = |_: &State| {
        let mut arguments: Vec<&str> = Vec::new();
        if entry.library == Library::Http {
            arguments.push("http");
        }
        if has_init {
            arguments.push(init.as_str());
        }
        arguments.extend(flavor.as_deref());
        if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) }
    };
    let context_type =
        if imports.is_taken("Context") { "lambda_native::Context" } else { "Context" };
    let library = match entry.library {
        Library::Events => "lambda_runtime",
        Library::Http => "lambda_http",
    };
    let (name, new, state, captured, mut added, found) = match &entry.handler {
        Handler::Function(path) => {
            let name = path.get_ident().map(ToString::to_string);
            let Some(name) = name.filter(|name| event_functions.contains_key(name)) else {
                problems.add(
                    code,
                    code.source.range(path.span()).start,
                    "the handler is not a function of this file",
                    "move it into this file: `main` stands where the handler does",
                );
                return None;
            };
            let found = format!("the function `{name}`, run by `{library}`");
            (Some(name), None, State::default(), Vec::new(), BTreeSet::new(), found)
        }
        Handler::Closure(closure) => {
            let event_functions = &event_functions;
            let variables = &variables;
            let library_of = entry.library;
            let surroundings = Surroundings {
                code,
                imports,
                event_functions,
                library: library_of,
                variables,
                context_type,
            };
            let converted = closure::convert(&surroundings, closure, &arguments, problems)?;
            let found = format!("a closure, run by `{library}`");
            match converted.handler {
                HandlerFn::Existing(name) => (
                    Some(name),
                    None,
                    converted.state,
                    converted.captured,
                    converted.imports,
                    found,
                ),
                HandlerFn::New(text) => (
                    None,
                    Some(text),
                    converted.state,
                    converted.captured,
                    converted.imports,
                    found,
                ),
            }
        }
        Handler::Service => return None,
    };
    if let Some(event_function) = name.as_ref().and_then(|name| event_functions.get(name))
        && event_function.is_generic()
    {
        let position = code.source.range(event_function.function.sig.span()).start;
        let message = "the handler is generic";
        problems.add(code, position, message, "write a handler that calls it with its types");
    }
    let main = name.as_deref().map(|name| (name, arguments(&state)));
    let edited =
        functions::edit(code, &event_functions, entry.library, main, context_type, problems);
    let mut edits = edited.edits;
    added.extend(edited.imports);
    edits.extend(callers::edit(code, &event_functions, problems));
    let is_left = state::edit(code, entry, &state, &variables, &captured, &mut edits, problems);
    for range in &entry.logging {
        edits.push((range.clone(), "lambda_native::logging::init();".to_owned()));
        needs.features.insert("tracing");
    }
    if let Some(new) = new {
        let end = code.source.range(entry.main.span()).end;
        let text = if is_left { format!("\n\n{}", new.trim_end()) } else { new };
        edits.push((end..end, text));
    }
    Some((edits, added, found))
}

/// Returns the arguments for a runtime of several threads. `#[tokio::main]` makes one by default, but only code that
/// starts tasks can tell.
fn flavor(code: &Code, entry: &Entry<'_>, spawns: bool) -> Option<String> {
    let ranges = entry.main.attrs.iter().filter(|it| !it.path().is_ident("doc"));
    let text: String = ranges.map(|it| code.text(code.source.range(it.span()))).collect();
    let is_asked = text.contains("multi_thread") || text.contains("worker_threads");
    if text.contains("current_thread") || !(is_asked || spawns) {
        return None;
    }
    let threads = text.split("worker_threads").nth(1).map(|rest| {
        let digits = rest.chars().skip_while(|it| !it.is_ascii_digit());
        digits.take_while(char::is_ascii_digit).collect::<String>()
    });
    let threads = threads.map(|count| format!(", worker_threads = {count}")).unwrap_or_default();
    Some(format!("flavor = \"multi_thread\"{threads}"))
}

/// Refuses names of the replaced crates that no edit reaches.
fn check_leftovers(code: &Code, edits: &[Edit], problems: &mut Problems) {
    let in_use_item = |position: usize| edits.iter().any(|(range, _)| range.contains(&position));
    for token in &code.tokens {
        let is_left = token.kind == TokenKind::Ident
            && ["LambdaEvent", "service_fn"].contains(&&*token.text)
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
    if edits.iter().any(|(_, text)| text.contains("http::Response::new(")) {
        needs.features.insert("http-types");
        needs.crates.insert("http");
    }
}

/// Converts another file of the package, which has no `main`.
pub(super) fn convert_module(
    code: &Code,
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<String> {
    let mut edits = Vec::new();
    imports::rewrite(code, &mut edits, &BTreeSet::new(), needs, problems);
    check_leftovers(code, &edits, problems);
    if edits.is_empty() { None } else { code.edited(&edits) }
}

/// Tells whether a file starts tasks or threads of tokio.
pub(super) fn spawns(code: &code::Code) -> bool {
    let names = ["spawn", "spawn_blocking", "spawn_local", "block_in_place", "JoinSet"];
    code.tokens.iter().any(|token| names.contains(&&*token.text))
}
