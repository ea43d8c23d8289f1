//! `main` becomes `init`: the values that a closure captures become the state of the handler.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Expr, Pat, ReturnType, Stmt};

use super::code::{Code, Edit, TokenKind};
use super::entry::Entry;
use super::problem::Problems;
use super::uses::uses;

/// A variable of `main`.
pub(super) struct Variable<'a> {
    pub(super) name: String,
    statement: Range<usize>,
    init: &'a Expr,
    /// The type, if it is written.
    ty: Option<String>,
    /// `let name = &other;`
    pub(super) alias_of: Option<String>,
}

/// The state of a handler.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The names of the variables, and their types.
    pub(super) parts: Vec<(String, String)>,
}

/// Returns the first of these names that no item of the file has.
pub(super) fn free_item<'n>(code: &Code, names: &[&'n str]) -> &'n str {
    let is_taken = |name: &str| {
        code.tokens.windows(2).any(|tokens| match tokens {
            [word, token] => {
                ["fn", "struct", "enum", "type"].contains(&&*word.text) && token.text == name
            }
            _ => false,
        })
    };
    let free = names.iter().find(|name| !is_taken(name)).or(names.last());
    free.copied().unwrap_or_default()
}

/// Returns the name of the function that makes the state.
pub(super) fn init_name(code: &Code) -> &'static str {
    free_item(code, &["init", "initialize", "make_state"])
}

impl State {
    /// Returns the type that `init` returns; `None` without a state.
    pub(super) fn ty(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => None,
            [(_, ty)] => Some(ty),
            [..] => Some("SharedState"),
        }
    }

    /// Returns the expression at the end of `init`.
    fn value(&self) -> String {
        let names: Vec<&str> = self.parts.iter().map(|(name, _)| name.as_str()).collect();
        match names.as_slice() {
            [] => "()".to_owned(),
            [name] => (*name).to_owned(),
            [..] => format!("SharedState {{ {} }}", names.join(", ")),
        }
    }

    fn declaration(&self) -> String {
        if self.parts.len() < 2 {
            return String::new();
        }
        let fields: Vec<String> =
            self.parts.iter().map(|(name, ty)| format!("    {name}: {ty},\n")).collect();
        format!(
            "/// The values that all invocations share.\nstruct SharedState {{\n{}}}\n\n",
            fields.concat()
        )
    }
}

/// Returns the variables that the statements of `main` declare.
pub(super) fn variables<'a>(code: &Code, entry: &Entry<'a>) -> Vec<Variable<'a>> {
    let mut variables = Vec::new();
    for statement in &entry.setup {
        let Stmt::Local(local) = statement else { continue };
        let Some(init) = &local.init else { continue };
        let (pattern, ty) = match &local.pat {
            Pat::Type(typed) => {
                (&*typed.pat, Some(code.text(code.source.range(typed.ty.span())).to_owned()))
            }
            pattern => (pattern, None),
        };
        let Pat::Ident(name) = pattern else { continue };
        let alias_of = match &*init.expr {
            Expr::Reference(reference) if reference.mutability.is_none() => {
                match &*reference.expr {
                    Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
                    _ => None,
                }
            }
            _ => None,
        };
        variables.push(Variable {
            name: name.ident.to_string(),
            statement: code.source.range(local.span()),
            init: &init.expr,
            ty,
            alias_of,
        });
    }
    variables
}

impl Variable<'_> {
    /// Returns the type: as it is written, or that of a constructor such as `Client::new(…)`.
    pub(super) fn ty(&self, code: &Code) -> Option<String> {
        self.ty.clone().or_else(|| type_of(code, self.init))
    }
}

/// Guesses the type of an expression. A wrong guess does not compile.
fn type_of(code: &Code, expression: &Expr) -> Option<String> {
    match expression {
        Expr::Await(awaited) => type_of(code, &awaited.base),
        Expr::Try(tried) => type_of(code, &tried.expr),
        Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => {
            type_of(code, &call.receiver)
        }
        Expr::Struct(new) => Some(code.text(code.source.range(new.path.span())).to_owned()),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            let segments: Vec<String> =
                path.path.segments.iter().map(|it| it.ident.to_string()).collect();
            let (function, ty) = segments.split_last()?;
            let name = ty.last()?;
            let is_type = name.chars().next().is_some_and(char::is_uppercase);
            if !is_type || function.chars().next().is_some_and(char::is_uppercase) {
                return None;
            }
            let ty = ty.join("::");
            let is_wrapper = ["Arc", "Box", "Mutex", "Rc", "RwLock"].contains(&name.as_str());
            if is_wrapper && function == "new" {
                let inner = type_of(code, call.args.first()?)?;
                return Some(format!("{ty}<{inner}>"));
            }
            Some(ty)
        }
        _ => None,
    }
}

/// Edits `main` so that it becomes `init`, and puts new code behind it, or in its place if nothing is left of it.
pub(super) fn edit(
    code: &Code,
    entry: &Entry<'_>,
    state: &State,
    (variables, captured): (&[Variable<'_>], &[String]),
    new: Option<&str>,
    edits: &mut Vec<Edit>,
    problems: &mut Problems,
) {
    check_lifetimes(code, entry, variables, captured, problems);
    let main = code.source.range(entry.main.span());
    if entry.setup.is_empty() && entry.logging.is_empty() {
        edits.push(match new {
            Some(new) => (main, new.trim_end().to_owned()),
            None => (paragraph_of_item(code, main), String::new()),
        });
        return;
    }
    if let Some(new) = new {
        edits.push((main.end..main.end, format!("\n\n{}", new.trim_end())));
    }
    for attribute in &entry.main.attrs {
        if !attribute.path().is_ident("doc") {
            let range = code.source.range(attribute.span());
            edits.push((code.whole_lines(range), String::new()));
        }
    }
    let signature = &entry.main.sig;
    let block = code.source.range(entry.main.block.span());
    let awaits = code.tokens_in(&block).iter().any(|token| {
        let mut removed = entry.service.iter().chain([&entry.end.statement]);
        token.text == "await"
            && token.kind == TokenKind::Ident
            && !removed.any(|range| range.contains(&token.range.start))
    });
    if let Some(asyncness) = &signature.asyncness
        && !awaits
    {
        let start = code.source.range(asyncness.span).start;
        let function = code.source.range(signature.fn_token.span).start;
        edits.push((start..function, String::new()));
    }
    let name = code.source.range(signature.ident.span());
    let declaration = state.declaration();
    if !declaration.is_empty() {
        let start = code.source.line_start(main.start);
        edits.push((start..start, declaration));
    }
    edits.push((name, init_name(code).to_owned()));
    let ty = state.ty();
    let is_result = match &signature.output {
        ReturnType::Default => {
            if let Some(ty) = ty {
                let end = code.source.range(signature.paren_token.span.close()).end;
                edits.push((end..end, format!(" -> {ty}")));
            }
            false
        }
        ReturnType::Type(_, output) => {
            let range = code.source.range(output.span());
            if let Some(ty) = ty {
                let text = code.text(range.clone());
                match text.find("()") {
                    Some(at) => {
                        let start = range.start + at;
                        edits.push((start..start + 2, ty.to_owned()));
                    }
                    None => {
                        let message = format!("`main` returns `{text}`");
                        problems.add(code, range.start, message, "write `Result<(), Error>`");
                    }
                }
            }
            true
        }
    };
    let value = state.value();
    let value = match (is_result, ty) {
        (true, _) => format!("Ok({value})"),
        (false, None) => String::new(),
        (false, Some(_)) => value,
    };
    let mut removed = entry.service.clone();
    match entry.end.last {
        Some(last) => {
            removed.push(entry.end.statement.clone());
            edits.push((code.source.range(last.span()), value));
        }
        None if value.is_empty() => removed.push(entry.end.statement.clone()),
        None => edits.push((entry.end.statement.clone(), value)),
    }
    let is_removed = |it: &&Variable<'_>| it.alias_of.is_some() && captured.contains(&it.name);
    removed.extend(variables.iter().filter(is_removed).map(|it| it.statement.clone()));
    remove(code, removed, edits);
}

/// Removes statements. Neighbours go together, so that one blank line is left.
fn remove(code: &Code, mut statements: Vec<Range<usize>>, edits: &mut Vec<Edit>) {
    statements.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in statements {
        match merged.last_mut() {
            Some(last) if code.text(last.end..range.start).trim().is_empty() => {
                last.end = range.end;
            }
            _ => merged.push(range),
        }
    }
    edits.extend(merged.into_iter().map(|range| (code.paragraph(range), String::new())));
}

/// Extends the range of an item to the blank line before or after it.
fn paragraph_of_item(code: &Code, range: Range<usize>) -> Range<usize> {
    let lines = code.whole_lines(range);
    let next = code.next_line(lines.end);
    if next > lines.end && code.text(lines.end..next).trim().is_empty() {
        return lines.start..next;
    }
    if next == lines.end && code.text(0..lines.start).ends_with("\n\n") {
        return lines.start - 1..lines.end;
    }
    lines
}

/// Refuses variables that nothing uses: they can be guards that work until they are dropped.
fn check_lifetimes(
    code: &Code,
    entry: &Entry<'_>,
    variables: &[Variable<'_>],
    captured: &[String],
    problems: &mut Problems,
) {
    for variable in variables {
        let rest = variable.statement.end..code.source.range(entry.main.span()).end;
        let is_used = uses(code.tokens_in(&rest), &variable.name).next().is_some();
        let is_guard = ["guard", "provider", "exporter", "appender"]
            .iter()
            .any(|word| variable.name.contains(word));
        if captured.contains(&variable.name) && !is_guard {
            continue;
        }
        if !is_used || is_guard {
            problems.add(
                code,
                variable.statement.start,
                format!("`{}` lives until `main` ends, and `init` would drop it", variable.name),
                "keep it in the state: use it in the handler",
            );
        }
    }
    for statement in &entry.setup {
        let range = code.source.range(statement.span());
        if let Some(token) = code.find(&range, &["return"]) {
            let message = "`main` can end before the runtime starts, and `init` cannot";
            problems.add(code, token.range.start, message, "return an error instead");
        }
        if let Stmt::Local(local) = statement
            && !matches!(&local.pat, Pat::Ident(_) | Pat::Type(_))
        {
            let position = code.source.range(local.span()).start;
            let message = "this statement declares more than one variable";
            problems.add(code, position, message, "write a `let` for each");
        }
    }
}
