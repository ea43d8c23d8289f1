//! The body of a handler: `LambdaEvent` becomes the event and the context.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{Visit, visit_pat_ident};
use syn::{Expr, ExprStruct, FieldPat, Local, Member, Pat, PatIdent, PatStruct, Stmt};

use super::code::{Code, Edit, TokenKind, starts_with};
use super::context::{context_use, edit_context};
use super::functions::EventFunctions;
use super::problem::Problems;
use super::uses::{free_name, passed_to, uses};

/// The changed body of a handler.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) edits: Vec<Edit>,
    /// The name of the event's parameter.
    pub(super) event: String,
    /// The name of the context's parameter, if the body uses it.
    pub(super) context: Option<String>,
}

/// Edits a body whose parameter of this name is a `LambdaEvent`.
pub(super) fn split(
    code: &Code,
    range: &Range<usize>,
    statements: &[Stmt],
    parameter: &str,
    event_functions: &EventFunctions<'_>,
    problems: &mut Problems,
) -> Body {
    let mut body = Body { edits: Vec::new(), event: parameter.to_owned(), context: None };
    if parameter == "_" {
        return body;
    }
    let first = statements.first().and_then(as_local);
    let parts = first.and_then(|local| Some((local, names_of_parts(local, parameter)?)));
    if let Some((local, (event, context))) = parts {
        // The parameters get the names that the statement gives them.
        let statement = code.source.range(local.span());
        let rest = statement.end..range.end;
        body.edits.push((code.paragraph(statement), String::new()));
        if parameter != event {
            reject_uses(code, &rest, parameter, problems);
        }
        body.event = event;
        let is_used = edit_context(code, &rest, &context, &mut body.edits, problems);
        body.context = is_used.then_some(context);
        return body;
    }
    let end = shadowed_from(code, range, statements, parameter).unwrap_or(range.end);
    let before = range.start..end;
    reject_bindings(code, &before, statements, parameter, problems);
    let context = free_name(code, range);
    let used = split_uses(code, &before, parameter, &context, event_functions, &mut body, problems);
    // `let context = event.context;` gives it another name.
    for (name, start) in aliases(code, statements, &used) {
        edit_context(code, &(start..range.end), &name, &mut body.edits, problems);
    }
    body.context = (!used.is_empty()).then_some(context);
    body
}

fn as_local(statement: &Stmt) -> Option<&Local> {
    match statement {
        Stmt::Local(local) => Some(local),
        _ => None,
    }
}

/// Returns the names that `let (event, context) = parameter.into_parts();` gives, or the same with
/// `LambdaEvent { payload, context }`.
fn names_of_parts(local: &Local, parameter: &str) -> Option<(String, String)> {
    let init = &local.init.as_ref()?.expr;
    match (&local.pat, &**init) {
        (Pat::Tuple(tuple), Expr::MethodCall(call))
            if call.method == "into_parts" && is_name(&call.receiver, parameter) =>
        {
            let mut names = tuple.elems.iter().map(simple_name);
            match (names.next()?, names.next()?, names.next()) {
                (event, context, None) => Some((event?, context?)),
                _ => None,
            }
        }
        (Pat::Struct(pattern), init) if is_name(init, parameter) => names_of_fields(pattern),
        _ => None,
    }
}

/// Returns the names that the pattern `LambdaEvent { payload, context }` gives.
pub(super) fn names_of_fields(pattern: &PatStruct) -> Option<(String, String)> {
    if pattern.path.segments.last()?.ident != "LambdaEvent" {
        return None;
    }
    let name = |field: &str| {
        let is_it = |it: &&FieldPat| matches!(&it.member, Member::Named(name) if name == field);
        match pattern.fields.iter().find(is_it) {
            Some(field) => simple_name(&field.pat),
            None => pattern.rest.as_ref().map(|_| "_".to_owned()),
        }
    };
    Some((name("payload")?, name("context")?))
}

fn simple_name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            Some(name.ident.to_string())
        }
        Pat::Wild(_) => Some("_".to_owned()),
        _ => None,
    }
}

fn is_name(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident(name))
}

/// Returns the position at which a `let` statement of the body gives the name to something else.
fn shadowed_from(
    code: &Code,
    range: &Range<usize>,
    statements: &[Stmt],
    name: &str,
) -> Option<usize> {
    let shadows = |local: &&Local| bindings(&local.pat).iter().any(|other| other == name);
    let local = statements.iter().filter_map(as_local).find(shadows)?;
    let statement = code.source.range(local.span());
    range.contains(&statement.start).then_some(statement.end)
}

/// Returns the names that a pattern gives.
fn bindings(pattern: &Pat) -> Vec<String> {
    struct Names(Vec<String>);
    impl Visit<'_> for Names {
        fn visit_pat_ident(&mut self, pattern: &PatIdent) {
            self.0.push(pattern.ident.to_string());
            visit_pat_ident(self, pattern);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pattern);
    names.0
}

/// Refuses a body that gives the name of the event to something else within an expression.
fn reject_bindings(
    code: &Code,
    range: &Range<usize>,
    statements: &[Stmt],
    name: &str,
    problems: &mut Problems,
) {
    struct Finder<'a>(&'a str, Vec<proc_macro2::Span>);
    impl Visit<'_> for Finder<'_> {
        fn visit_pat_ident(&mut self, pattern: &PatIdent) {
            if pattern.ident == self.0 {
                self.1.push(pattern.ident.span());
            }
            visit_pat_ident(self, pattern);
        }
    }
    let mut finder = Finder(name, Vec::new());
    for statement in statements {
        match statement {
            Stmt::Local(local) => {
                if let Some(init) = &local.init {
                    finder.visit_expr(&init.expr);
                }
            }
            statement => finder.visit_stmt(statement),
        }
    }
    for span in finder.1 {
        let position = code.source.range(span).start;
        if range.contains(&position) {
            problems.add(
                code,
                position,
                format!("`{name}` is the name of the event and of something else"),
                "give one of them another name",
            );
        }
    }
}

/// Refuses uses of the parameter after it was split.
fn reject_uses(code: &Code, range: &Range<usize>, parameter: &str, problems: &mut Problems) {
    let tokens = code.tokens_in(range);
    for token in uses(tokens, parameter).filter_map(|at| tokens.get(at)) {
        let message = format!("`{parameter}` is used after it was split");
        problems.add(code, token.range.start, message, "use its parts");
    }
}

/// Edits `event.payload` and `event.context`. Returns the positions of the uses of the context.
fn split_uses(
    code: &Code,
    range: &Range<usize>,
    parameter: &str,
    context: &str,
    event_functions: &EventFunctions<'_>,
    body: &mut Body,
    problems: &mut Problems,
) -> Vec<usize> {
    let tokens = code.tokens_in(range);
    let mut used = Vec::new();
    for at in uses(tokens, parameter) {
        let Some(token) = tokens.get(at) else { continue };
        if starts_with(tokens, at + 1, &[".", "payload"]) {
            let field = tokens.get(at + 2).map_or(token.range.end, |field| field.range.end);
            body.edits.push((token.range.end..field, String::new()));
        } else if starts_with(tokens, at + 1, &[".", "context"]) {
            let field = tokens.get(at + 2).map_or(token.range.end, |field| field.range.end);
            body.edits.push((token.range.start..field, context.to_owned()));
            used.push(token.range.start);
            context_use(code, tokens, at + 2, &mut body.edits, problems);
        } else if starts_with(tokens, at + 1, &[".", "into_parts", "(", ")"]) {
            let end = tokens.get(at + 4).map_or(token.range.end, |close| close.range.end);
            body.edits.push((token.range.start..end, format!("({parameter}, {context})")));
            used.push(token.range.start);
        } else if let Some(takes_context) = passed_to(tokens, at, event_functions) {
            if takes_context {
                body.edits.push((token.range.end..token.range.end, format!(", {context}")));
                used.push(token.range.start);
            }
        } else {
            problems.add(
                code,
                token.range.start,
                format!(
                    "`{parameter}` is used as a whole; here, event and context are two parameters"
                ),
                format!("use `{parameter}.payload` and `{parameter}.context`"),
            );
        }
    }
    for token in tokens.iter().filter(|token| token.kind == TokenKind::Literal) {
        if token.in_macro && token.text.contains(&format!("{{{parameter}")) {
            problems.add(
                code,
                token.range.start,
                format!("`{parameter}` is used as a whole in a text"),
                format!("pass `{parameter}.payload` as an argument"),
            );
        }
    }
    used
}

/// Finds `let name = event.context;`, and returns the names and where they start.
fn aliases(code: &Code, statements: &[Stmt], used: &[usize]) -> Vec<(String, usize)> {
    let mut aliases = Vec::new();
    for local in statements.iter().filter_map(as_local) {
        let Some(init) = &local.init else { continue };
        let init_range = code.source.range(init.expr.span());
        let is_context = used.iter().any(|use_of| init_range.contains(use_of));
        let end = code.source.range(local.span()).end;
        match (&local.pat, &*init.expr) {
            (Pat::Ident(name), Expr::Field(_)) if is_context && is_whole(&init.expr, "context") => {
                aliases.push((name.ident.to_string(), end));
            }
            (Pat::Ident(name), Expr::Reference(it))
                if is_context && is_whole(&it.expr, "context") =>
            {
                aliases.push((name.ident.to_string(), end));
            }
            (Pat::Tuple(tuple), Expr::MethodCall(call))
                if call.method == "into_parts" && is_context =>
            {
                let name = tuple.elems.iter().nth(1).and_then(simple_name);
                aliases.extend(name.filter(|name| name != "_").map(|name| (name, end)));
            }
            _ => {}
        }
    }
    aliases
}

fn is_whole(expression: &Expr, field: &str) -> bool {
    match expression {
        Expr::Field(access) => matches!(&access.member, Member::Named(name) if name == field),
        _ => false,
    }
}

/// Returns the payload and the context of an expression that makes a `LambdaEvent`.
pub(super) fn parts_of_new(expression: &Expr) -> Option<(&Expr, &Expr)> {
    match expression {
        Expr::Struct(ExprStruct { path, fields, rest: None, .. })
            if path.segments.last()?.ident == "LambdaEvent" =>
        {
            let value = |field: &str| {
                let is_it = |member: &Member| matches!(member, Member::Named(it) if it == field);
                fields.iter().find(|it| is_it(&it.member)).map(|it| &it.expr)
            };
            Some((value("payload")?, value("context")?))
        }
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            let mut segments = path.path.segments.iter().rev();
            let is_new = segments.next()?.ident == "new" && segments.next()?.ident == "LambdaEvent";
            let mut arguments = call.args.iter();
            let parts = (arguments.next()?, arguments.next()?);
            is_new.then_some(parts)
        }
        _ => None,
    }
}
