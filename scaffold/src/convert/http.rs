//! The body of a handler of `lambda_http`: calls of `lambda_http::Request` become those of `lambda_native::http::Request`.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{Visit, visit_expr_await};
use syn::{Expr, ExprAwait};

use super::code::{Code, Edit, Token, TokenKind, starts_with};
use super::event::Body;
use super::functions::{EventFunction, EventFunctions};
use super::problem::Problems;
use super::uses::{free_name, passed_to, uses};

/// Edits a body whose parameter of this name is a request.
pub(super) fn split(
    code: &Code,
    range: &Range<usize>,
    name: &str,
    event_functions: &EventFunctions<'_>,
    problems: &mut Problems,
) -> Body {
    let mut body = Body { edits: Vec::new(), event: name.to_owned(), context: None };
    let tokens = code.tokens_in(range);
    let context = free_name(code, range);
    for at in uses(tokens, name) {
        let Some(token) = tokens.get(at) else { continue };
        if let Some(takes_context) = passed_to(tokens, at, event_functions) {
            if takes_context {
                body.edits.push((token.range.end..token.range.end, format!(", {context}")));
                body.context = Some(context.clone());
            }
            continue;
        }
        match call(tokens, at + 1) {
            Some(Call { end, new, is_context }) => {
                let new = new.replace("CONTEXT", &context);
                if is_context {
                    body.context = Some(context.clone());
                    body.edits.push((token.range.start..end, new));
                } else {
                    body.edits.push((token.range.end..end, new));
                }
            }
            None => refuse(code, tokens, at, problems),
        }
    }
    for token in tokens.iter().filter(|token| token.kind == TokenKind::Literal && token.in_macro) {
        if token.text.contains(&format!("{{{name}")) {
            let message = format!("`{name}` is used as a whole in a text");
            problems.add(code, token.range.start, message, "print the parts that you need");
        }
    }
    body.edits.extend(responses(code, range));
    body
}

/// A call with an equivalent.
struct Call {
    /// The end of the old code.
    end: usize,
    new: String,
    /// The new code takes the place of the request's name too.
    is_context: bool,
}

/// Methods that give a map, and the method that gives one value of it.
const MAPS: [(&str, &str, &str); 4] = [
    ("query_string_parameters", ".query", ".as_deref()"),
    ("query_string_parameters_ref", ".query", ".as_deref()"),
    ("path_parameters", ".path_parameter", ""),
    ("path_parameters_ref", ".path_parameter", ""),
];

/// Reads the call after the name of the request.
fn call(tokens: &[Token], at: usize) -> Option<Call> {
    let end = |at: usize| tokens.get(at).map(|token| token.range.end);
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let plain = |count: usize, new: &str| {
        Some(Call { end: end(at + count)?, new: new.to_owned(), is_context: false })
    };
    if !starts_with(tokens, at, &["."]) || !starts_with(tokens, at + 2, &["(", ")"]) {
        return None;
    }
    let method = text(at + 1);
    if let Some((_, new, view)) = MAPS.iter().find(|(name, ..)| *name == method) {
        // `.first("name")`, or `.and_then(|map| map.first("name"))`.
        let after = at + 4;
        let literal = |at: usize| {
            tokens.get(at).filter(|token| token.kind == TokenKind::Literal).map(|it| &*it.text)
        };
        let call =
            |end, name: &str| Call { end, new: format!("{new}({name}){view}"), is_context: false };
        if !method.ends_with("_ref") {
            let name = literal(after + 3)?;
            let is_first =
                starts_with(tokens, after, &[".", "first", "("]) && text(after + 4) == ")";
            return is_first.then(|| Some(call(end(after + 4)?, name)))?;
        }
        let map = text(after + 4);
        let expected = [".", "and_then", "(", "|", map, "|", map, ".", "first", "("];
        let name = literal(after + 10)?;
        let is_first =
            starts_with(tokens, after, &expected) && starts_with(tokens, after + 11, &[")", ")"]);
        return is_first.then(|| Some(call(end(after + 12)?, name)))?;
    }
    match method {
        "body" => plain(3, ".body()?"),
        "raw_http_path" => plain(3, ".path()"),
        "uri" if starts_with(tokens, at + 4, &[".", "path", "(", ")"]) => plain(7, ".path()"),
        "method" if starts_with(tokens, at + 4, &[".", "as_str", "(", ")"]) => {
            plain(7, ".method()")
        }
        // `.headers().get("name").and_then(|value| value.to_str().ok())`
        "headers" => {
            let name = tokens.get(at + 7).filter(|token| token.kind == TokenKind::Literal)?;
            let value = text(at + 13);
            let start = [")", ".", "and_then", "(", "|", value, "|", value];
            let rest = [".", "to_str", "(", ")", ".", "ok", "(", ")", ")"];
            let is_text = starts_with(tokens, at + 4, &[".", "get", "("])
                && starts_with(tokens, at + 8, &start)
                && starts_with(tokens, at + 16, &rest);
            is_text.then(|| plain(24, &format!(".header({})", name.text)))?
        }
        // `.lambda_context_ref().map(|context| context.request_id.clone())`
        "lambda_context_ref" => {
            let name = text(at + 8);
            let expected = [
                ".",
                "map",
                "(",
                "|",
                name,
                "|",
                name,
                ".",
                "request_id",
                ".",
                "clone",
                "(",
                ")",
                ")",
            ];
            let is_id = starts_with(tokens, at + 4, &expected);
            let new = "Some(CONTEXT.request_id().to_owned())".to_owned();
            is_id.then(|| Some(Call { end: end(at + 17)?, new, is_context: true }))?
        }
        _ => None,
    }
}

fn refuse(code: &Code, tokens: &[Token], at: usize, problems: &mut Problems) {
    let Some(token) = tokens.get(at) else { return };
    let method = tokens.get(at + 2).filter(|_| starts_with(tokens, at + 1, &["."]));
    let (message, hint) = match method {
        Some(method) => {
            let hint = match &*method.text {
                "headers" => "`request.header(\"name\")`, an `Option<&str>`",
                "method" => "`request.method()`, a `&str`",
                "uri" => "`request.path()` and `request.query(\"name\")`",
                "query_string_parameters" | "query_string_parameters_ref" => {
                    "`request.query(\"name\")` and `request.query_all(\"name\")`"
                }
                "path_parameters" | "path_parameters_ref" => "`request.path_parameter(\"name\")`",
                "payload" | "json" => "`request.json()?`, which fails with the status 400",
                "into_body" | "into_parts" => "`request.body()?`, a `&[u8]`",
                "request_context" | "request_context_ref" => {
                    "`request.authorizer()`, `request.source_ip()` and others"
                }
                "lambda_context" | "lambda_context_ref" => "a parameter `context: &Context`",
                "stage_variables" | "stage_variables_ref" => "`request.stage_variable(\"name\")`",
                _ => "see `lambda_native::http::Request`",
            };
            (format!("`{}.{}` is not converted", token.text, method.text), hint)
        }
        None => (
            format!("`{}` is used as a whole", token.text),
            "a function of your own that takes `lambda_http::Request` needs a change",
        ),
    };
    problems.add(code, token.range.start, message, hint);
}

/// Edits `value.into_response().await`, in which a response is made of a text.
fn responses(code: &Code, range: &Range<usize>) -> Vec<Edit> {
    struct Finder<'c> {
        code: &'c Code,
        range: &'c Range<usize>,
        edits: Vec<Edit>,
    }
    impl Visit<'_> for Finder<'_> {
        fn visit_expr_await(&mut self, awaited: &ExprAwait) {
            let whole = self.code.source.range(awaited.span());
            if let Expr::MethodCall(call) = &*awaited.base
                && call.method == "into_response"
                && self.range.start <= whole.start
                && whole.end <= self.range.end
            {
                let value = self.code.source.range(call.receiver.span());
                let new = "http::Response::new(lambda_native::http::Body::from(";
                self.edits.push((whole.start..whole.start, new.to_owned()));
                self.edits.push((value.end..whole.end, "))".to_owned()));
            }
            visit_expr_await(self, awaited);
        }
    }
    let mut finder = Finder { code, range, edits: Vec::new() };
    finder.visit_file(code.source.file());
    finder.edits
}

/// Refuses a handler whose response would get another content type.
pub(super) fn check_output(
    code: &Code,
    event_function: &EventFunction<'_>,
    problems: &mut Problems,
) {
    let output = event_function.output(code);
    let body = code.source.range(event_function.function.block.span());
    let names = ["Response", "into_response", "json"];
    let is_response = output.contains("Response<") || output.contains("Value");
    if !is_response && code.find(&body, &names).is_none() {
        problems.add(
            code,
            code.source.range(event_function.function.sig.span()).start,
            "a text as a response gets a `content-type` here, and none with `lambda_http`",
            "return a `Response`, with the `content-type` that you want",
        );
    }
}
