//! The body of a handler: `LambdaEvent` becomes the event and the context.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{Visit, visit_pat_ident};
use syn::{Expr, ExprStruct, FieldPat, Local, Member, Pat, PatIdent, PatStruct, Stmt};

use super::code::{Code, Edit, Token, TokenKind, starts_with};
use super::functions::Takers;
use super::problem::Problems;

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
    takers: &Takers<'_>,
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
    let used = split_uses(code, &before, parameter, &context, takers, &mut body, problems);
    // `let context = event.context;` gives it another name.
    for (name, start) in aliases(code, statements, &used) {
        edit_context(code, &(start..range.end), &name, &mut body.edits, problems);
    }
    body.context = (!used.is_empty()).then_some(context);
    body
}

/// Edits the uses of a context of this name. Returns whether there are any.
pub(super) fn edit_context(
    code: &Code,
    range: &Range<usize>,
    name: &str,
    edits: &mut Vec<Edit>,
    problems: &mut Problems,
) -> bool {
    let tokens = code.tokens_in(range);
    let mut is_used = false;
    for at in uses(tokens, name) {
        is_used = true;
        context_use(code, tokens, at, edits, problems);
    }
    is_used
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
    takers: &Takers<'_>,
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
        } else if let Some(takes_context) = passed_to(tokens, at, takers) {
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

/// Returns the indexes of the tokens that use a name.
pub(super) fn uses<'t>(tokens: &'t [Token], name: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_use = move |at: &usize| {
        let is_name = |token: &Token| token.kind == TokenKind::Ident && token.text == name;
        if !tokens.get(*at).is_some_and(is_name) {
            return false;
        }
        let text = |at: usize| tokens.get(at).map_or("", |token| &token.text);
        let [before, after, second] = [at.wrapping_sub(1), at + 1, at + 2].map(text);
        let is_range = before == "." && text(at.wrapping_sub(2)) == ".";
        let is_field = before == "." && !is_range;
        let is_path =
            before == ":" && text(at.wrapping_sub(2)) == ":" || after == ":" && second == ":";
        let is_label = after == ":" && second != ":";
        !is_field && !is_path && !is_label && before != "let" && before != "mut"
    };
    (0..tokens.len()).filter(is_use)
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

/// The fields of `lambda_runtime::Context` with an equivalent: the name, the method, and the call after it that makes
/// the same type.
const FIELDS: [(&str, &str, &str); 4] = [
    ("request_id", ".request_id()", ".to_owned()"),
    ("invoked_function_arn", ".invoked_function_arn().unwrap_or_default()", ".to_owned()"),
    ("xray_trace_id", ".trace_id()", ".map(str::to_owned)"),
    ("identity", ".cognito_identity()?", ""),
];

/// Edits a field of the context: `at` is the token of its name.
fn context_use(
    code: &Code,
    tokens: &[Token],
    at: usize,
    edits: &mut Vec<Edit>,
    problems: &mut Problems,
) {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let Some(name) = tokens.get(at) else { return };
    if text(at + 1) != "." {
        // The context as a whole, for a new name or another function.
        return;
    }
    let Some(field) = tokens.get(at + 2) else { return };
    let Some((_, method, owned)) = FIELDS.iter().find(|(name, ..)| *name == field.text) else {
        let message = format!("`{}` of the context has no equivalent", field.text);
        let hint = match &*field.text {
            "deadline" => {
                "use `lambda_native::Context::deadline`, a `SystemTime`, after the conversion"
            }
            "client_context" => {
                "use `lambda_native::Context::client_context`, which reads your own type"
            }
            "env_config" => "read the environment variables `AWS_LAMBDA_FUNCTION_NAME` and others",
            _ => "see `lambda_native::Context`",
        };
        problems.add(code, field.range.start, message, hint);
        return;
    };
    // The reference before the name, or before `event` in `event.context`.
    let first = if text(at.wrapping_sub(1)) == "." { at.wrapping_sub(2) } else { at };
    let is_borrowed = text(first.wrapping_sub(1)) == "&" && text(at + 3) != ".";
    let mut range = name.range.end..field.range.end;
    let copies = ["clone", "to_string", "to_owned"];
    let is_copied = text(at + 3) == "."
        && copies.contains(&text(at + 4))
        && text(at + 5) == "("
        && text(at + 6) == ")";
    let is_viewed = starts_with(tokens, at + 3, &[".", "as_str", "(", ")"]);
    let mut new = (*method).to_owned();
    if field.text == "identity" {
        edits.push((range, new));
        return;
    }
    if is_copied || is_viewed {
        range.end = tokens.get(at + 6).map_or(range.end, |close| close.range.end);
        new += if is_copied { owned } else { "" };
    } else if is_borrowed {
        let reference = tokens.get(first.wrapping_sub(1)).map(|token| token.range.clone());
        edits.extend(reference.map(|range| (range, String::new())));
    } else if !field.in_macro || text(at + 3) == "." {
        // The arguments of a macro are formatted, and a reference has the same text.
        new += owned;
    }
    edits.push((range, new));
}

/// Returns a name for the context that the body does not use.
pub(super) fn free_name(code: &Code, range: &Range<usize>) -> String {
    let tokens = code.tokens_in(range);
    let is_taken = |name: &str| uses(tokens, name).next().is_some() || is_bound(tokens, name);
    let names = ["context", "lambda_context"];
    (*names.iter().find(|name| !is_taken(name)).unwrap_or(&"invocation_context")).to_owned()
}

fn is_bound(tokens: &[Token], name: &str) -> bool {
    (1..tokens.len()).any(|at| {
        let is_binding = |text: &str| ["let", "mut"].contains(&text);
        tokens.get(at).is_some_and(|token| token.text == name)
            && tokens.get(at - 1).is_some_and(|before| is_binding(&before.text))
    })
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

/// Tells whether a name is a whole argument of a function that takes an event: `Some(true)` if that function takes the
/// context too.
pub(super) fn passed_to(tokens: &[Token], at: usize, takers: &Takers<'_>) -> Option<bool> {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let is_whole =
        ["(", ","].contains(&text(at.wrapping_sub(1))) && [")", ","].contains(&text(at + 1));
    if !is_whole {
        return None;
    }
    let mut depth = 0_usize;
    let mut index = 0;
    for before in (0..at).rev() {
        match text(before) {
            ")" | "]" | "}" => depth += 1,
            "(" if depth == 0 => {
                let name = text(before.wrapping_sub(1));
                let is_method = text(before.wrapping_sub(2)) == ".";
                let taker = takers.get(name).filter(|taker| !is_method && taker.index == index)?;
                return Some(taker.takes_context);
            }
            "[" | "{" if depth == 0 => return None,
            "(" | "[" | "{" => depth -= 1,
            "," if depth == 0 => index += 1,
            _ => {}
        }
    }
    None
}
