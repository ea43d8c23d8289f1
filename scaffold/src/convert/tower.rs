//! Services of `tower`: `lambda_native::http` runs them as `lambda_http` does, layers included. Functions within them
//! take a request of the crate `http`, whose body holds all its bytes.

use std::collections::BTreeSet;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Expr, Type};

use super::code::{Code, Edit, Token, TokenKind, starts_with};
use super::diagnostic::last_arguments;
use super::entry::{Entry, Handler};
use super::equivalents::{Needs, Part};
use super::function::Changes;
use super::functions::{EventFunction, EventFunctions, event_functions, result_type};
use super::http::{map_value, request_id};
use super::imports::Imports;
use super::problem::Problems;
use super::uses::{passed_to, uses};
use super::{extensions, http};

/// Runs the service with `lambda_native`.
pub(super) fn convert(
    code: &Code,
    entry: &Entry<'_>,
    imports: &Imports,
    needs: &mut Needs,
    problems: &mut Problems,
) -> Option<Changes> {
    needs.part = Part::Service;
    needs.features.insert("tower");
    needs.tokio.extend(["macros", "rt-multi-thread"]);
    let mut edits = Vec::new();
    run(code, entry, &mut edits, problems)?;
    let functions = event_functions(code, imports, entry.library);
    check_handlers(code, imports, &functions, problems);
    if let Handler::Closure(closure) = &entry.handler {
        let position = code.source.range(closure.span()).start;
        let message = "a closure handles the requests";
        problems.add(code, position, message, "write a function without state, and name it here");
    }
    for function in functions.values() {
        edit_function(
            code,
            imports,
            function,
            &functions,
            entry.is_streaming,
            &mut edits,
            problems,
        );
    }
    extensions::edit(code, &mut edits, problems);
    let syn::Expr::Call(call) = entry.end.call else { return None };
    let argument = code.text(code.source.range(call.args.span()));
    let name = if entry.is_streaming { "run_with_streaming_response" } else { "run" };
    Some((edits, BTreeSet::new(), format!("`lambda_http::{name}({argument})`")))
}

/// Edits the call of `run`. The service itself stays.
fn run(
    code: &Code,
    entry: &Entry<'_>,
    edits: &mut Vec<Edit>,
    problems: &mut Problems,
) -> Option<()> {
    let Expr::Call(call) = entry.end.call else { return None };
    let function = code.source.range(call.func.span());
    let argument = code.source.range(call.args.first()?.span());
    let statement = entry.end.statement.clone();
    let mut start = "lambda_native::run".to_owned();
    match (entry.end.last, entry.end.is_tried) {
        (Some(_), true) => {}
        // The call does not return a value.
        (None, false) if !code.text(statement.clone()).ends_with(';') => {
            start.insert_str(0, "match ");
            edits.push((statement.end..statement.end, "? {}".to_owned()));
        }
        _ => {
            let message = "this call of `run` ignores its error or unwraps it";
            let hint = "return the error: `run(…).await`";
            problems.add(code, statement.start, message, hint);
        }
    }
    let service = if entry.is_streaming { "stream_service" } else { "service" };
    edits.push((function, start));
    edits.push((argument.start..argument.start, format!("lambda_native::http::{service}(")));
    edits.push((argument.end..argument.end, ")".to_owned()));
    Some(())
}

/// Refuses a `service_fn` of `lambda_http` whose handler is not a function of this file that takes a request.
fn check_handlers(
    code: &Code,
    imports: &Imports,
    functions: &EventFunctions<'_>,
    problems: &mut Problems,
) {
    if !["Request", "service_fn", "tower"].iter().any(|name| imports.is_ours(name)) {
        return;
    }
    let tokens = &code.tokens;
    for at in 0..tokens.len() {
        let Some(token) = tokens.get(at) else { continue };
        if token.text != "service_fn" || !starts_with(tokens, at + 1, &["("]) {
            continue;
        }
        let is_known = starts_with(tokens, at + 3, &[")"])
            && tokens.get(at + 2).is_some_and(|name| functions.contains_key(&name.text));
        if !is_known {
            let message = "the handler of this service is not a function of this file";
            let hint = "write a function that takes `lambda_http::Request`, and name it here";
            problems.add(code, token.range.start, message, hint);
        }
    }
}

/// Edits a function that takes a request, and refuses one whose result or whose calls could differ.
fn edit_function(
    code: &Code,
    imports: &Imports,
    function: &EventFunction<'_>,
    functions: &EventFunctions<'_>,
    is_streaming: bool,
    edits: &mut Vec<Edit>,
    problems: &mut Problems,
) {
    check_result(code, imports, function, is_streaming, problems);
    let block = code.source.range(function.function.block.span());
    check_bodies(code, &block, problems);
    edits.extend(http::responses(code, &block, "http_body_util::Full"));
    let name = match function.name() {
        Some(name) if name != "_" => name,
        Some(_) => return,
        None => {
            let position = code.source.range(function.function.sig.span()).start;
            let message = "this function takes a pattern in the place of a request";
            problems.add(code, position, message, "take `request`");
            return;
        }
    };
    let tokens = code.tokens_in(&block);
    let mut reads_body = false;
    for at in uses(tokens, &name) {
        match use_of(tokens, at, functions) {
            Use::Kept => {}
            Use::Body => reads_body = true,
            Use::Unknown(hint) => {
                let Some(token) = tokens.get(at) else { continue };
                let method = tokens.get(at + 2).filter(|_| starts_with(tokens, at + 1, &["."]));
                let message = match method {
                    Some(method) => {
                        format!("this use of `{name}.{}` is not converted", method.text)
                    }
                    None => format!("`{name}` is used as a whole"),
                };
                problems.add(code, token.range.start, message, hint);
            }
        }
    }
    let is_in_text = |token: &&Token| {
        token.kind == TokenKind::Literal
            && token.in_macro
            && token.text.contains(&format!("{{{name}"))
    };
    for token in tokens.iter().filter(is_in_text) {
        let message = format!("`{name}` is used as a whole in a text");
        problems.add(code, token.range.start, message, "print the parts that you need");
    }
    if reads_body {
        let mutability = if function.is_mutable() { "mut " } else { "" };
        let new = format!(
            "\n    let {mutability}{name} = {name}.map(|body| body.into_inner().unwrap_or_default());"
        );
        edits.push((block.start + 1..block.start + 1, new));
        let is_passed = |at: usize| passed_to(tokens, at, functions).is_some();
        if let Some(at) = uses(tokens, &name).find(|at| is_passed(*at)) {
            let position = tokens.get(at).map_or(block.start, |token| token.range.start);
            let message = format!("`{name}` goes to another function after its body was read");
            problems.add(code, position, message, "read the body in one of them");
        }
    }
}

/// A use of a request.
enum Use {
    /// The same code works.
    Kept,
    /// It needs the bytes of the body.
    Body,
    /// The code to write in its place.
    Unknown(&'static str),
}

fn use_of(tokens: &[Token], at: usize, functions: &EventFunctions<'_>) -> Use {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    if passed_to(tokens, at, functions).is_some() {
        return Use::Kept;
    }
    if text(at + 1) != "." {
        return Use::Unknown(
            "a function of your own that takes `lambda_http::Request` needs a change",
        );
    }
    let is_read = map_value(tokens, at + 1).is_some() || request_id(tokens, at + 1).is_some();
    let follows = |names: &[&str]| {
        starts_with(tokens, at + 3, &["(", ")", "."]) && names.contains(&text(at + 6))
    };
    match text(at + 2) {
        "headers" | "method" | "version" => Use::Kept,
        "uri" if follows(&["path", "query"]) => Use::Kept,
        "uri" => Use::Unknown("`uri().path()` or `uri().query()`: the URI has no host"),
        "body" if follows(&["as_ref", "is_empty", "iter", "len", "starts_with", "to_vec"]) => {
            Use::Body
        }
        "into_body" if follows(&["to_vec"]) => Use::Body,
        "body" if is_parsed(tokens, at) => Use::Body,
        "body" | "into_body" => Use::Unknown(
            "`body().to_vec()`, `serde_json::from_slice(request.body())` or `std::str::from_utf8(request.body())`",
        ),
        // `extensions` has refused the others.
        _ if is_read || is_of_request_ext(text(at + 2)) => Use::Kept,
        method => Use::Unknown(http::advice(method)),
    }
}

fn is_of_request_ext(method: &str) -> bool {
    extensions::METHODS.contains(&method)
}

/// Tells whether the body is the argument of a function that reads bytes: `from_slice(request.body())`.
fn is_parsed(tokens: &[Token], at: usize) -> bool {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let first = if text(at.wrapping_sub(1)) == "&" { at.wrapping_sub(1) } else { at };
    starts_with(tokens, at + 1, &[".", "body", "(", ")", ")"])
        && text(first.wrapping_sub(1)) == "("
        && ["from_slice", "from_utf8", "from_utf8_lossy"].contains(&text(first.wrapping_sub(2)))
}

/// Refuses a result that is not a response with a body that the crate `http-body` knows.
fn check_result(
    code: &Code,
    imports: &Imports,
    function: &EventFunction<'_>,
    is_streaming: bool,
    problems: &mut Problems,
) {
    let response = result_type(function).and_then(|value| match value {
        Type::Path(path) => Some(&path.path),
        _ => None,
    });
    let is_known = response.is_some_and(|response| {
        let name = imports.resolve(response);
        let name: Vec<&str> = name.iter().map(String::as_str).collect();
        let is_response = matches!(
            name.as_slice(),
            ["lambda_http" | "http", "Response"] | ["lambda_http", "http", "Response"]
        );
        let body = last_arguments(response);
        let is_text = |ty: &Type| {
            let Type::Path(ty) = ty else { return false };
            let name = imports.resolve(&ty.path);
            name == ["String"] || name == ["lambda_http", "Body"]
        };
        is_response && matches!(body.as_slice(), [body] if is_streaming || is_text(body))
    });
    if !is_known {
        let position = code.source.range(function.function.sig.span()).start;
        let message = "this function does not return `Result<Response<Body>, Error>`";
        let hint = "return a `Response` with the `content-type` that you want";
        problems.add(code, position, message, hint);
    }
}

/// Refuses the variants of `lambda_http::Body`.
fn check_bodies(code: &Code, block: &Range<usize>, problems: &mut Problems) {
    let tokens = code.tokens_in(block);
    for at in 0..tokens.len() {
        let variants = ["Binary", "Empty", "Text"];
        let is_variant = starts_with(tokens, at, &["Body", ":", ":"])
            && tokens.get(at + 3).is_some_and(|name| variants.contains(&&*name.text));
        if let Some(token) = tokens.get(at).filter(|_| is_variant) {
            let message = "this variant of `Body` is not converted";
            let hint = "`Body::from(…)`, with a text or a `Vec<u8>`";
            problems.add(code, token.range.start, message, hint);
        }
    }
}
