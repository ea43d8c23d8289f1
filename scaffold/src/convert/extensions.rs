//! Calls of `RequestExt` in a service of `tower`: there, the parts of a request that the gateway adds are in its
//! extensions.

use super::code::{Code, Edit, TokenKind, starts_with};
use super::http::{MapValue, indent_of, map_value, request_id, statement_before};
use super::problem::Problems;

const INFO: &str = ".extensions().get::<lambda_native::http::RequestInfo>()";

/// The methods of `RequestExt`.
pub(super) const METHODS: [&str; 17] = [
    "lambda_context",
    "lambda_context_ref",
    "path_parameters",
    "path_parameters_ref",
    "query_string_parameters",
    "query_string_parameters_ref",
    "raw_http_path",
    "request_context",
    "request_context_ref",
    "stage_variables",
    "stage_variables_ref",
    "with_lambda_context",
    "with_path_parameters",
    "with_query_string_parameters",
    "with_raw_http_path",
    "with_request_context",
    "with_stage_variables",
];

/// Edits all calls of `RequestExt` in a file.
pub(super) fn edit(code: &Code, edits: &mut Vec<Edit>, problems: &mut Problems) {
    if !code.tokens.iter().any(|token| token.text == "RequestExt") {
        return;
    }
    let tokens = &code.tokens;
    for at in 0..tokens.len() {
        let (Some(dot), Some(method)) = (tokens.get(at), tokens.get(at + 1)) else { continue };
        let is_method = method.kind == TokenKind::Ident
            && METHODS.contains(&&*method.text)
            && starts_with(tokens, at, &["."])
            && starts_with(tokens, at + 2, &["("]);
        if !is_method {
            continue;
        }
        if let Some(value) = map_value(tokens, at) {
            value_of(code, at, value, edits);
        } else if let Some(end) = request_id(tokens, at) {
            let new = ".extensions().get::<lambda_native::Context>()\
                       .map(|context| context.request_id().to_owned())";
            edits.push((dot.range.start..end, new.to_owned()));
        } else {
            let message = format!("`{}` of a request is not converted", method.text);
            problems.add(code, method.range.start, message, advice(&method.text));
        }
    }
}

/// Edits requests that tests make for a function with `#[lambda_handler(http)]`.
pub(super) fn edit_requests(code: &Code, edits: &mut Vec<Edit>, problems: &mut Problems) {
    let tokens = &code.tokens;
    for at in 0..tokens.len() {
        let Some(token) = tokens.get(at) else { continue };
        let is_path = tokens.get(at.wrapping_sub(1)).is_some_and(|before| before.text == ":");
        if starts_with(tokens, at, &["Request", ":", ":", "default", "(", ")"]) && !is_path {
            let end = tokens.get(at + 5).map_or(token.range.end, |token| token.range.end);
            edits.push((token.range.end..end, "::new(\"GET\", \"/\")".to_owned()));
        }
        let is_made = token.text.starts_with("with_")
            && METHODS.contains(&&*token.text)
            && starts_with(tokens, at.wrapping_sub(1), &["."]);
        if is_made {
            let message = format!("`{}` of a request is not converted", token.text);
            let hint = "make the request by `lambda_native::http::Request::new(\"GET\", \"/?name=Ada\")` after the conversion";
            problems.add(code, token.range.start, message, hint);
        }
    }
}

/// Edits the call of a method that gives a value of a map: `at` is the `.` before it.
fn value_of(code: &Code, at: usize, value: MapValue, edits: &mut Vec<Edit>) {
    let token = |at: usize| code.tokens.get(at);
    let Some(dot) = token(at) else { return };
    let request = token(at.wrapping_sub(1)).filter(|it| {
        let is_part = token(at.wrapping_sub(2)).is_some_and(|before| before.text == ".");
        it.kind == TokenKind::Ident && !is_part
    });
    let statement = request.and_then(|it| statement_before(code, it.range.start, &value));
    let MapValue { call, view, variable, end } = value;
    let new = format!("{INFO}.and_then(|info| info{call})");
    if let (Some(request), Some(statement)) = (request, statement) {
        let indent = indent_of(code, statement);
        let new = format!("let {variable} = {}{new};\n{indent}", request.text);
        edits.push((statement..statement, new));
        edits.push((request.range.start..end, format!("{variable}{view}")));
    } else {
        edits.push((dot.range.start..end, new + view));
    }
}

/// Returns the code to write in the place of a call.
fn advice(method: &str) -> &'static str {
    match method {
        "request_context" | "request_context_ref" => {
            "`authorizer()`, `source_ip()` and others of the extension `lambda_native::http::RequestInfo`"
        }
        "lambda_context" | "lambda_context_ref" => "the extension `lambda_native::Context`",
        "query_string_parameters" | "query_string_parameters_ref" => {
            "`query(\"name\")` of the extension `lambda_native::http::RequestInfo`"
        }
        "path_parameters" | "path_parameters_ref" => {
            "`path_parameter(\"name\")` of the extension `lambda_native::http::RequestInfo`"
        }
        "stage_variables" | "stage_variables_ref" => {
            "`stage_variable(\"name\")` of the extension `lambda_native::http::RequestInfo`"
        }
        "raw_http_path" => "`uri().path()`, which is encoded",
        _ => {
            "make a request of `lambda_native::http::Request`, and call `lambda_native::testing::call`"
        }
    }
}
