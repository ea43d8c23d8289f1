//! The `main` of a function: the statements before the runtime starts, and the handler that it gets.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Item, ItemFn, Local, Pat, Path, Stmt};

use super::code::Code;
use super::imports::Imports;
use super::problem::Problems;

/// The library that runs a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    /// `lambda_runtime`.
    Events,
    /// `lambda_http`.
    Http,
}

/// A `main` that runs a function.
pub(super) struct Entry<'a> {
    pub(super) main: &'a ItemFn,
    pub(super) library: Library,
    /// `run_with_streaming_response` runs it.
    pub(super) is_streaming: bool,
    pub(super) handler: Handler<'a>,
    /// The other statements before the runtime starts.
    pub(super) setup: Vec<&'a Stmt>,
    /// `tracing::init_default_subscriber();`
    pub(super) logging: Vec<Range<usize>>,
    /// The statements that make the handler.
    pub(super) service: Vec<Range<usize>>,
    pub(super) end: End<'a>,
}

/// The handler that the runtime gets.
pub(super) enum Handler<'a> {
    Function(&'a Path),
    Closure(&'a ExprClosure),
    /// A service of `tower`, such as a router of axum.
    Service,
}

/// The end of `main`.
pub(super) struct End<'a> {
    /// The call of `run`.
    pub(super) call: &'a Expr,
    /// The statement of the call.
    pub(super) statement: Range<usize>,
    /// The expression after it, such as `Ok(())`; `None` if the call is the last expression.
    pub(super) last: Option<&'a Expr>,
    /// The statement ends with `?`.
    pub(super) is_tried: bool,
}

/// Finds the `main` of a file; `None` if it does not start the runtime, after the problem was added.
pub(super) fn find<'a>(
    code: &'a Code,
    imports: &Imports,
    problems: &mut Problems,
) -> Option<Entry<'a>> {
    let main = code.source.file().items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "main" => Some(function),
        _ => None,
    });
    let Some(main) = main else {
        problems.add(code, 0, "no function `main` in this file", "write the handler by hand");
        return None;
    };
    let entry = read(code, main, imports, problems);
    let body = code.source.range(main.block.span());
    let runtime = code.find(&body, &["Runtime"]).filter(|_| imports.is_ours("Runtime"));
    if let Some(runtime) = runtime.filter(|_| entry.is_none()) {
        let message = "a `Runtime` and its layers are not converted";
        let hint = "`run(service_fn(handler)).await`, and `after = function` of `#[lambda_handler]` in place of a layer";
        problems.add(code, runtime.range.start, message, hint);
    } else if entry.is_none() && problems.is_empty() {
        problems.add(
            code,
            code.source.range(main.sig.span()).start,
            "`main` does not end with `run(…).await` of `lambda_runtime` or `lambda_http`",
            "mark the handler with `#[lambda_handler]`, or call `lambda_native::run`",
        );
    }
    entry
}

fn read<'a>(
    code: &Code,
    main: &'a ItemFn,
    imports: &Imports,
    problems: &mut Problems,
) -> Option<Entry<'a>> {
    check_attributes(code, main, problems);
    let statements = &main.block.stmts;
    let (end, count) = end(code, statements)?;
    let Expr::Call(call) = end.call else { return None };
    let Expr::Path(function) = &*call.func else { return None };
    let name = imports.resolve(&function.path);
    let library = match name.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["lambda_runtime", "run"] | ["lambda_http", "lambda_runtime", "run"] => Library::Events,
        ["lambda_http", "run" | "run_with_streaming_response"] => Library::Http,
        [.., "run_concurrent"] => {
            let hint = "the feature `concurrency` of `lambda-native`";
            let position = code.source.range(call.span()).start;
            problems.add(code, position, "`run_concurrent` is not converted", hint);
            return None;
        }
        _ => return None,
    };
    let is_streaming = name.last().is_some_and(|it| it == "run_with_streaming_response");
    let argument = call.args.first().filter(|_| call.args.len() == 1)?;
    let before: Vec<&Stmt> = statements.iter().take(count).collect();
    let mut service = Vec::new();
    let handler = resolve(code, argument, &before, imports, &mut service);
    let mut logging = Vec::new();
    let mut setup = Vec::new();
    for statement in before {
        let range = code.source.range(statement.span());
        if is_logging(statement, imports) {
            logging.push(range);
        } else if !service.contains(&range) {
            setup.push(statement);
        }
    }
    if matches!(handler, Handler::Service) && library == Library::Events {
        problems.add(
            code,
            code.source.range(argument.span()).start,
            "a service of `tower` handles the events",
            "`#[lambda_handler]` on a function, with `after = function` in place of a layer",
        );
    }
    Some(Entry { main, library, is_streaming, handler, setup, logging, service, end })
}

fn check_attributes(code: &Code, main: &ItemFn, problems: &mut Problems) {
    for attribute in &main.attrs {
        let name: Vec<_> =
            attribute.path().segments.iter().map(|part| part.ident.to_string()).collect();
        let is_known = matches!(
            name.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            ["tokio", "main"] | ["doc"]
        );
        if !is_known {
            let position = code.source.range(attribute.span()).start;
            let message = format!("`main` has the attribute `{}`", name.join("::"));
            problems.add(code, position, message, "remove it, or convert the function by hand");
        }
    }
    for attribute in &main.attrs {
        let range = code.source.range(attribute.span());
        let unknown = ["start_paused", "unhandled_panic", "crate", "name"];
        if !attribute.path().is_ident("doc")
            && let Some(token) = code.find(&range, &unknown)
        {
            let message = format!("`{}` of `#[tokio::main]` has no equivalent", token.text);
            problems.add(code, token.range.start, message, "remove it");
        }
    }
    let is_tokio =
        main.attrs.iter().any(|it| it.path().segments.iter().any(|it| it.ident == "tokio"));
    if !is_tokio || main.sig.asyncness.is_none() {
        problems.add(
            code,
            code.source.range(main.sig.span()).start,
            "`main` does not have `#[tokio::main]`",
            "call `lambda_native::run` in the place of `lambda_runtime::run`",
        );
    }
}

/// Finds the call of `run` and the number of the statements before it.
fn end<'a>(code: &Code, statements: &'a [Stmt]) -> Option<(End<'a>, usize)> {
    let is_ok = |expression: &Expr| {
        code.text(code.source.range(expression.span())).replace(' ', "") == "Ok(())"
    };
    let count = statements.len();
    let (statement, last) = match statements {
        [.., statement, Stmt::Expr(last, None)] if is_ok(last) => (statement, Some(last)),
        [.., statement] => (statement, None),
        [] => return None,
    };
    let before = if last.is_some() { count - 2 } else { count - 1 };
    let range = code.source.range(statement.span());
    let expression = match statement {
        Stmt::Expr(expression, semicolon) if last.is_some() || semicolon.is_none() => expression,
        Stmt::Expr(expression @ Expr::MethodCall(_), Some(_)) => expression,
        // `let _ = run(…).await;`
        Stmt::Local(Local { pat: Pat::Wild(_), init: Some(init), .. }) if last.is_some() => {
            &init.expr
        }
        _ => return None,
    };
    let (expression, is_tried) = match expression {
        Expr::Try(tried) => (&*tried.expr, true),
        Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => {
            (&*call.receiver, false)
        }
        expression => (expression, false),
    };
    let Expr::Await(awaited) = expression else { return None };
    Some((End { call: &awaited.base, statement: range, last, is_tried }, before))
}

/// Follows the names of services and closures to their `let` statements.
fn resolve<'a>(
    code: &Code,
    argument: &'a Expr,
    before: &[&'a Stmt],
    imports: &Imports,
    service: &mut Vec<Range<usize>>,
) -> Handler<'a> {
    let mut found = Vec::new();
    // A name stands for the last `let` statement before its own.
    let mut before = before;
    let mut follow = |expression: &'a Expr| match expression {
        Expr::Path(path) => match local(&path.path, before) {
            Some((index, statement, init)) => {
                found.push(code.source.range(statement.span()));
                before = before.get(..index).unwrap_or_default();
                init
            }
            None => expression,
        },
        _ => expression,
    };
    let Expr::Call(call) = follow(argument) else { return Handler::Service };
    let Expr::Path(function) = &*call.func else { return Handler::Service };
    let is_service_fn = imports.resolve(&function.path).last().is_some_and(|it| it == "service_fn");
    let Some(inner) = call.args.first().filter(|_| is_service_fn) else { return Handler::Service };
    let handler = match follow(inner) {
        Expr::Path(path) => Handler::Function(&path.path),
        Expr::Closure(closure) => Handler::Closure(closure),
        _ => return Handler::Service,
    };
    service.extend(found);
    handler
}

/// Finds the `let` statement of a name.
fn local<'a>(path: &Path, before: &[&'a Stmt]) -> Option<(usize, &'a Stmt, &'a Expr)> {
    let name = path.get_ident()?;
    before.iter().enumerate().rev().find_map(|(index, statement)| match statement {
        Stmt::Local(local) => match (&local.pat, &local.init) {
            (Pat::Ident(pattern), Some(init)) if pattern.ident == *name => {
                Some((index, *statement, &*init.expr))
            }
            _ => None,
        },
        _ => None,
    })
}

fn is_logging(statement: &Stmt, imports: &Imports) -> bool {
    let Stmt::Expr(Expr::Call(call), Some(_)) = statement else { return false };
    let Expr::Path(function) = &*call.func else { return false };
    let name = imports.resolve(&function.path);
    call.args.is_empty()
        && name.first().is_some_and(|it| it == "lambda_runtime" || it == "lambda_http")
        && name.last().is_some_and(|it| it == "init_default_subscriber")
}
