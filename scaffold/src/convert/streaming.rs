//! Handlers of `lambda_runtime` that send a response through a channel: they write what the channel brings.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprPath, Local, Pat, Path, Stmt, Type};

use super::code::{Code, Edit, TokenKind, starts_with};
use super::diagnostic::last_arguments;
use super::functions::{EventFunction, error_type, result_type};
use super::imports::{Imports, uses_in};
use super::problem::Problems;
use super::uses::uses;

/// The number of parts that wait until they are written.
const CAPACITY: usize = 1;

/// Tells whether a function returns `Result<Response<Body>, Error>` of `lambda_runtime::streaming`.
pub(super) fn is_streaming(imports: &Imports, function: &EventFunction<'_>) -> bool {
    matches!(result_type(function), Some(Type::Path(ty)) if is_of(imports, &ty.path, "Response"))
}

/// Edits a handler that makes a channel, has a task send to it, and returns its other end.
pub(super) fn edit(
    code: &Code,
    imports: &Imports,
    function: &EventFunction<'_>,
    problems: &mut Problems,
) -> Vec<Edit> {
    let block = code.source.range(function.function.block.span());
    match parts(code, imports, function).and_then(|parts| edits(code, function, &parts, &block)) {
        Some(edits) => edits,
        None => {
            let position = code.source.range(function.function.sig.span()).start;
            let message = "this streamed response is not converted";
            let hint = "make it by `let (mut tx, rx) = channel();`, use `tx.send_data(…)` only, and end with `Ok(Response::from(rx))`; \
                        or write `#[lambda_handler(stream)]` by hand";
            problems.add(code, position, message, hint);
            Vec::new()
        }
    }
}

/// The parts of a handler that the edits replace.
struct Parts<'a> {
    /// `let (mut sender, receiver) = channel();`
    channel: &'a Local,
    sender: String,
    receiver: String,
    /// `Ok(Response::from(receiver))`
    end: &'a Expr,
    output: Range<usize>,
}

fn parts<'a>(code: &Code, imports: &Imports, function: &EventFunction<'a>) -> Option<Parts<'a>> {
    let statements = &function.function.block.stmts;
    let is_channel = |local: &&Local| {
        let init = local.init.as_ref().map(|init| &*init.expr);
        matches!(init, Some(Expr::Call(call)) if call.args.is_empty()
            && path_of(&call.func).is_some_and(|path| is_of(imports, path, "channel")))
    };
    let locals = statements.iter().filter_map(|statement| match statement {
        Stmt::Local(local) => Some(local),
        _ => None,
    });
    let channel = locals.clone().find(is_channel)?;
    let Pat::Tuple(pair) = &channel.pat else { return None };
    let mut names = pair.elems.iter().map(|pattern| match pattern {
        Pat::Ident(name) if name.subpat.is_none() => Some(name.ident.to_string()),
        _ => None,
    });
    let (sender, receiver) = match (names.next(), names.next(), names.next()) {
        (Some(sender), Some(receiver), None) => (sender?, receiver?),
        _ => return None,
    };
    let Some(Stmt::Expr(end, None)) = statements.last() else { return None };
    let response = argument(end, |path| path.is_ident("Ok"))?;
    let is_from = |path: &Path| {
        let name = imports.resolve(path);
        let name: Vec<&str> = name.iter().map(String::as_str).collect();
        matches!(name.as_slice(), ["lambda_runtime", "streaming", "Response", "from"])
    };
    let value = argument(response, is_from)?;
    path_of(value).filter(|path| path.is_ident(&receiver))?;
    let Some(Type::Path(output)) = result_type(function) else { return None };
    let [Type::Path(body)] = last_arguments(&output.path)[..] else { return None };
    let Some(Type::Path(error)) = error_type(function) else { return None };
    let is_boxed = imports.resolve(&error.path) == ["lambda_runtime", "Error"];
    let mentions = |name: &str| {
        let items = uses_in(code);
        let is_outside = |position: usize| !items.iter().any(|range| range.contains(&position));
        let is_it = |token: &&super::code::Token| {
            token.kind == TokenKind::Ident && token.text == name && is_outside(token.range.start)
        };
        code.tokens.iter().filter(is_it).count()
    };
    let is_alone = mentions("Response") == 2 && mentions("Body") == 1 && mentions("channel") == 1;
    (is_of(imports, &body.path, "Body") && is_boxed && is_alone).then(|| Parts {
        channel,
        sender,
        receiver,
        end,
        output: code.source.range(output.span()),
    })
}

fn edits(
    code: &Code,
    function: &EventFunction<'_>,
    parts: &Parts<'_>,
    block: &Range<usize>,
) -> Option<Vec<Edit>> {
    let Parts { channel, sender, receiver, end, output } = parts;
    let init = code.source.range(channel.init.as_ref()?.expr.span());
    let rest = init.end..block.end;
    let tokens = code.tokens_in(&rest);
    if code.find(block, &["return"]).is_some() || uses(tokens, receiver).count() != 1 {
        return None;
    }
    let mut edits = vec![
        (code.source.range(channel.pat.span()), format!("({sender}, mut {receiver})")),
        (init, format!("tokio::sync::mpsc::channel::<bytes::Bytes>({CAPACITY})")),
        (output.clone(), "()".to_owned()),
    ];
    for at in uses(tokens, sender) {
        let is_sent = starts_with(tokens, at + 1, &[".", "send_data", "("]);
        let method = tokens.get(at + 2).filter(|_| is_sent)?;
        edits.push((method.range.clone(), "send".to_owned()));
    }
    let reply = if code.find(block, &["reply"]).is_some() { "lambda_reply" } else { "reply" };
    let parameter = function.parameter_range(code).end;
    edits.push((parameter..parameter, format!(", {reply}: &mut lambda_native::Reply")));
    let indent = " ".repeat(4);
    let new = format!(
        "let head = lambda_native::http::Response::new(200)\n\
         {indent}{indent}.with_header(\"content-type\", \"application/octet-stream\");\n\
         {indent}let mut body = lambda_native::http::stream(head, {reply}).await?;\n\
         {indent}while let Some(part) = {receiver}.recv().await {{\n\
         {indent}{indent}body.write(&part).await?;\n\
         {indent}}}\n\
         {indent}Ok(())"
    );
    edits.push((code.source.range(end.span()), new));
    Some(edits)
}

/// Returns the only argument of the call of a function.
fn argument(expression: &Expr, is_function: impl Fn(&Path) -> bool) -> Option<&Expr> {
    let Expr::Call(ExprCall { func, args, .. }) = expression else { return None };
    path_of(func).filter(|path| is_function(path))?;
    args.first().filter(|_| args.len() == 1)
}

fn path_of(expression: &Expr) -> Option<&Path> {
    match expression {
        Expr::Path(ExprPath { path, .. }) => Some(path),
        _ => None,
    }
}

fn is_of(imports: &Imports, path: &Path, name: &str) -> bool {
    imports.resolve(path) == ["lambda_runtime", "streaming", name]
}
