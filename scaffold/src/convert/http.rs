//! The body of a handler of `lambda_http`: calls of `lambda_http::Request` become those of `lambda_native::http::Request`.

use std::ops::Range;

use heck::ToSnakeCase;
use syn::spanned::Spanned;
use syn::visit::{Visit, visit_expr_await, visit_stmt};
use syn::{Expr, ExprAwait, Stmt};

use super::code::{Code, Edit, Token, TokenKind, starts_with};
use super::event::Body;
use super::functions::{EventFunction, EventFunctions};
use super::problem::Problems;
use super::uses::{free_name, macro_around, passed_to, uses};

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
        if let Some(value) = map_value(tokens, at + 1)
            && let Some(statement) = statement_before(code, token.range.start, &value)
        {
            let MapValue { call, view, variable, end } = value;
            let new = format!("let {variable} = {name}{call};\n{}", indent_of(code, statement));
            body.edits.push((statement..statement, new));
            body.edits.push((token.range.start..end, format!("{variable}{view}")));
            continue;
        }
        // Its text differs from that of `lambda_http::Body`, which only a log may show.
        let is_printed = starts_with(tokens, at + 1, &[".", "body", "(", ")"])
            && tokens.get(at + 5).is_none_or(|next| next.text != ".")
            && macro_around(tokens, at).is_some_and(|name| !LOGS.contains(&name));
        match call(tokens, at + 1).filter(|_| !is_printed) {
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
    body.edits.extend(responses(code, range, "lambda_native::http::Body"));
    body
}

/// Macros that write to the log.
const LOGS: [&str; 7] = ["debug", "eprintln", "error", "info", "println", "trace", "warn"];

/// A call with an equivalent.
struct Call {
    /// The end of the old code.
    end: usize,
    new: String,
    /// The new code takes the place of the request's name too.
    is_context: bool,
}

/// Methods that give a map, and the method that gives one value of it.
const MAPS: [(&str, &str, &str); 6] = [
    ("query_string_parameters", ".query", ".as_deref()"),
    ("query_string_parameters_ref", ".query", ".as_deref()"),
    ("path_parameters", ".path_parameter", ""),
    ("path_parameters_ref", ".path_parameter", ""),
    ("stage_variables", ".stage_variable", ""),
    ("stage_variables_ref", ".stage_variable", ""),
];

/// A value of a map of `RequestExt`, which the code reads by its name.
pub(super) struct MapValue {
    /// The call that gives the same value, such as `.query("name")`.
    pub(super) call: String,
    /// The call after it that makes the same type.
    pub(super) view: &'static str,
    /// A name for the value.
    pub(super) variable: String,
    /// The end of the old code.
    pub(super) end: usize,
}

/// Reads `.query_string_parameters().first("name")`, or `.query_string_parameters_ref().and_then(|map| map.first("name"))`,
/// from the first `.` on.
pub(super) fn map_value(tokens: &[Token], at: usize) -> Option<MapValue> {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let method = text(at + 1);
    let (_, new, view) = MAPS.iter().find(|(name, ..)| *name == method)?;
    if !starts_with(tokens, at, &["."]) || !starts_with(tokens, at + 2, &["(", ")"]) {
        return None;
    }
    let after = at + 4;
    let map = text(after + 4);
    let (expected, literal, last) = if method.ends_with("_ref") {
        (&[".", "and_then", "(", "|", map, "|", map, ".", "first", "("][..], 10, &[")", ")"][..])
    } else {
        (&[".", "first", "("][..], 3, &[")"][..])
    };
    let name = tokens.get(after + literal).filter(|token| token.kind == TokenKind::Literal)?;
    if !starts_with(tokens, after, expected) || !starts_with(tokens, after + literal + 1, last) {
        return None;
    }
    let end = tokens.get(after + literal + last.len())?.range.end;
    let word: String =
        name.text.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
    let variable = format!("{}_value", word.to_snake_case());
    Some(MapValue { call: format!("{new}({})", name.text), view, variable, end })
}

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
    if let Some(MapValue { call, view, end, .. }) = map_value(tokens, at) {
        return Some(Call { end, new: call + view, is_context: false });
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
        "lambda_context_ref" => {
            let end = request_id(tokens, at)?;
            let new = "Some(CONTEXT.request_id().to_owned())".to_owned();
            Some(Call { end, new, is_context: true })
        }
        _ => None,
    }
}

/// Returns the position before the `let` statement around a value that the statement borrows from, which must live
/// longer than the statement.
pub(super) fn statement_before(code: &Code, position: usize, value: &MapValue) -> Option<usize> {
    struct Finder<'c> {
        code: &'c Code,
        position: usize,
        /// The innermost statement, and whether it is a `let`.
        found: Option<(usize, bool)>,
    }
    impl Visit<'_> for Finder<'_> {
        fn visit_stmt(&mut self, statement: &Stmt) {
            let range = self.code.source.range(statement.span());
            if range.contains(&self.position) {
                self.found = Some((range.start, matches!(statement, Stmt::Local(_))));
                visit_stmt(self, statement);
            }
        }
    }
    let mut finder = Finder { code, position, found: None };
    finder.visit_file(code.source.file());
    let is_free = !code.tokens.iter().any(|token| token.text == value.variable);
    let starts_line =
        |start: &usize| code.text(code.source.line_start(*start)..*start).trim().is_empty();
    let (start, is_let) = finder.found?;
    (is_let && !value.view.is_empty() && is_free).then_some(start).filter(starts_line)
}

/// Returns the space before a position.
pub(super) fn indent_of(code: &Code, position: usize) -> String {
    " ".repeat(position - code.source.line_start(position))
}

/// Reads `.lambda_context_ref().map(|context| context.request_id.clone())` from the first `.` on, and returns its end.
pub(super) fn request_id(tokens: &[Token], at: usize) -> Option<usize> {
    let name = tokens.get(at + 8).map_or("", |token| &*token.text);
    let start = [".", "lambda_context_ref", "(", ")", ".", "map", "(", "|", name, "|", name];
    let rest = [".", "request_id", ".", "clone", "(", ")", ")"];
    let is_id = starts_with(tokens, at, &start) && starts_with(tokens, at + 11, &rest);
    tokens.get(at + 17).filter(|_| is_id).map(|token| token.range.end)
}

/// Returns the code to write in the place of a method of a request.
pub(super) fn advice(method: &str) -> &'static str {
    match method {
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
    }
}

fn refuse(code: &Code, tokens: &[Token], at: usize, problems: &mut Problems) {
    let Some(token) = tokens.get(at) else { return };
    let method = tokens.get(at + 2).filter(|_| starts_with(tokens, at + 1, &["."]));
    let (message, hint) = match method {
        Some(method) => {
            let hint = advice(&method.text);
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
/// `body` is the type of its body.
pub(super) fn responses(code: &Code, range: &Range<usize>, body: &str) -> Vec<Edit> {
    struct Finder<'c> {
        body: &'c str,
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
                let new = format!("http::Response::new({}::from(", self.body);
                self.edits.push((whole.start..whole.start, new));
                self.edits.push((value.end..whole.end, "))".to_owned()));
            }
            visit_expr_await(self, awaited);
        }
    }
    let mut finder = Finder { body, code, range, edits: Vec::new() };
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
