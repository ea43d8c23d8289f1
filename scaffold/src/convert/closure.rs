//! A closure that handles events: it becomes a function, or gives its arguments to one.

use std::collections::BTreeSet;
use std::ops::Range;

use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, Pat, Stmt};

use super::code::{Code, Edit, TokenKind, starts_with};
use super::entry::Library;
use super::functions::{self, EventFunctions};
use super::imports::Imports;
use super::problem::Problems;
use super::state::{self, State, Variable};
use super::uses::{Call, call_around, uses};

/// The closure as a handler.
pub(super) struct Converted {
    pub(super) state: State,
    pub(super) captured: Vec<String>,
    /// The function that becomes the handler, with its parameter for the state, or the code of a new one.
    pub(super) handler: HandlerFn,
    pub(super) imports: BTreeSet<String>,
}

pub(super) enum HandlerFn {
    Existing(String),
    New(String),
}

/// The parts of a closure.
struct Parts<'a> {
    /// The name of the event.
    name: String,
    /// The type of the event, if it is written.
    event: Option<String>,
    /// The code before the `async` block.
    before: Option<Range<usize>>,
    /// The statements within the `async` block.
    inner: Range<usize>,
    statements: &'a [Stmt],
    /// The call that the closure consists of.
    call: Option<&'a Expr>,
}

/// The file around a closure that is converted.
pub(super) struct Surroundings<'a> {
    pub(super) code: &'a Code,
    pub(super) imports: &'a Imports,
    pub(super) event_functions: &'a EventFunctions<'a>,
    pub(super) library: Library,
    pub(super) variables: &'a [Variable<'a>],
    pub(super) context_type: &'a str,
}

pub(super) fn convert(
    surroundings: &Surroundings<'_>,
    closure: &ExprClosure,
    arguments: &str,
    problems: &mut Problems,
) -> Option<Converted> {
    let Surroundings { code, variables, event_functions, .. } = surroundings;
    let range = code.source.range(closure.span());
    let parts = parts(surroundings, closure, problems)?;
    let tokens = code.tokens_in(&range);
    let captured: Vec<String> = variables
        .iter()
        .filter(|variable| uses(tokens, &variable.name).next().is_some())
        .map(|variable| variable.name.clone())
        .collect();
    let mut state = State::default();
    for name in &captured {
        let variable = variables.iter().find(|variable| variable.name == *name)?;
        let owned = variable.alias_of.clone().unwrap_or_else(|| name.clone());
        if state.parts.iter().any(|(other, _)| *other == owned) {
            let message = format!("the closure uses `{owned}` under two names");
            problems.add(code, range.start, message, "use one of them");
            continue;
        }
        let original = variables.iter().find(|variable| variable.name == owned);
        let ty = original.and_then(|variable| {
            let own = variable.ty(code);
            // A function can take a reference to what a pointer holds.
            let is_pointer = |ty: &String| ["Arc<", "Box<", "Rc<"].iter().any(|it| ty.contains(it));
            let is_own = own.as_ref().is_some_and(is_pointer);
            let argument =
                type_of_argument(code, &range, name, event_functions).filter(|_| !is_own);
            argument.or(own)
        });
        match ty {
            Some(ty) => state.parts.push((owned, ty)),
            None => problems.add(
                code,
                range.start,
                format!("the type of `{owned}`, which the closure captures, is not known"),
                format!("write its type: `let {owned}: Type = …`"),
            ),
        }
    }
    let mut imports = BTreeSet::from(["lambda_native::lambda_handler".to_owned()]);
    if let Some(name) = existing(surroundings, &parts, &captured) {
        return Some(Converted { state, captured, handler: HandlerFn::Existing(name), imports });
    }
    let handler = new(surroundings, &parts, &state, &captured, arguments, &mut imports, problems)?;
    Some(Converted { state, captured, handler: HandlerFn::New(handler), imports })
}

fn parts<'a>(
    surroundings: &Surroundings<'_>,
    closure: &'a ExprClosure,
    problems: &mut Problems,
) -> Option<Parts<'a>> {
    let Surroundings { code, imports, library, .. } = surroundings;
    let position = code.source.range(closure.span()).start;
    let parameter = closure.inputs.first().filter(|_| closure.inputs.len() == 1);
    let (pattern, ty) = match parameter {
        Some(Pat::Type(typed)) => (&*typed.pat, Some(&*typed.ty)),
        Some(pattern) => (pattern, None),
        None => return None,
    };
    let name = match pattern {
        Pat::Ident(name) => name.ident.to_string(),
        Pat::Wild(_) => "_".to_owned(),
        _ => {
            problems.add(code, position, "this closure takes a pattern", "take `event` instead");
            return None;
        }
    };
    let event = match ty {
        Some(ty) if functions::is_event(imports, ty, *library) => functions::event_type(code, ty),
        _ => None,
    };
    let range = |span| code.source.range(span);
    let inside = |block: &syn::Block| {
        let block = range(block.span());
        block.start + 1..block.end - 1
    };
    let parts = |before, inner, statements: &'a [Stmt], call| {
        Some(Parts { name, event, before, inner, statements, call })
    };
    match &*closure.body {
        Expr::Async(block) => {
            let call = match block.block.stmts.as_slice() {
                [Stmt::Expr(Expr::Await(awaited), None)] => Some(&*awaited.base),
                _ => None,
            };
            parts(None, inside(&block.block), &block.block.stmts, call)
        }
        Expr::Block(outer) => match outer.block.stmts.split_last() {
            Some((Stmt::Expr(Expr::Async(block), None), before)) => {
                let start = inside(&outer.block).start;
                let end = range(block.span()).start;
                let before = (!before.is_empty()).then_some(start..end);
                parts(before, inside(&block.block), &block.block.stmts, None)
            }
            Some((Stmt::Expr(call, None), [])) => parts(None, range(call.span()), &[], Some(call)),
            _ => {
                problems.add(
                    code,
                    position,
                    "this closure does not end with an `async` block",
                    "write a function, and call it in the closure",
                );
                None
            }
        },
        call => parts(None, range(call.span()), &[], Some(call)),
    }
}

/// Returns the function that the closure calls, if it can be the handler itself: it takes the event and a reference to
/// the only state.
fn existing(
    surroundings: &Surroundings<'_>,
    parts: &Parts<'_>,
    captured: &[String],
) -> Option<String> {
    let Surroundings { code, event_functions, variables, .. } = surroundings;
    let Expr::Call(call) = parts.call.filter(|_| parts.before.is_none())? else { return None };
    let Expr::Path(function) = &*call.func else { return None };
    let name = function.path.get_ident()?.to_string();
    let event_function =
        event_functions.get(&name).filter(|event_function| !event_function.is_generic())?;
    if call.args.len() > 2 || call.args.len() != captured.len() + 1 {
        return None;
    }
    for (index, argument) in call.args.iter().enumerate() {
        if index == event_function.index {
            matches!(argument, Expr::Path(path) if path.path.is_ident(&parts.name)).then_some(())?;
            continue;
        }
        let is_reference = match argument {
            Expr::Reference(reference) => matches!(&*reference.expr, Expr::Path(_)),
            Expr::Path(path) => variables
                .iter()
                .any(|variable| variable.alias_of.is_some() && path.path.is_ident(&variable.name)),
            _ => false,
        };
        event_function.shared_type(code, index).filter(|_| is_reference)?;
    }
    Some(name)
}

/// Finds the type of a variable by a function to which the closure gives it.
fn type_of_argument(
    code: &Code,
    range: &Range<usize>,
    name: &str,
    event_functions: &EventFunctions<'_>,
) -> Option<String> {
    let tokens = code.tokens_in(range);
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    for at in uses(tokens, name) {
        let is_cloned = starts_with(tokens, at + 1, &[".", "clone", "(", ")"]);
        let after = if is_cloned { at + 5 } else { at + 1 };
        let before =
            if text(at.wrapping_sub(1)) == "&" { at.wrapping_sub(2) } else { at.wrapping_sub(1) };
        if ![")", ","].contains(&text(after)) || !["(", ","].contains(&text(before)) {
            continue;
        }
        let found = call_around(tokens, at).and_then(|Call { function, index }| {
            let event_function = event_functions.get(function)?;
            if is_cloned {
                event_function.owned_type(code, index)
            } else {
                event_function.shared_type(code, index)
            }
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Writes a function with the code of the closure.
fn new(
    surroundings: &Surroundings<'_>,
    parts: &Parts<'_>,
    state: &State,
    captured: &[String],
    arguments: &str,
    imports: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> Option<String> {
    let Surroundings { code, event_functions, library, context_type, .. } = surroundings;
    let position = parts.inner.start;
    let body = functions::split(
        code,
        &parts.inner,
        parts.statements,
        &parts.name,
        event_functions,
        *library,
        problems,
    );
    let called = parts.call.and_then(|call| match call {
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => event_functions.get(&path.path.get_ident()?.to_string()),
            _ => None,
        },
        _ => None,
    });
    // The last call in a longer closure decides the types too.
    let called = called.or_else(|| {
        let tokens = code.tokens_in(&parts.inner);
        let is_call = |at: usize| tokens.get(at + 1).is_some_and(|token| token.text == "(");
        let mut named = (0..tokens.len()).rev().filter(|at| is_call(*at));
        named.find_map(|at| event_functions.get(&tokens.get(at)?.text))
    });
    let event =
        parts.event.clone().or_else(|| called.map(|event_function| event_function.event(code)));
    let output = turbofish(code, &parts.inner)
        .or_else(|| called.map(|event_function| event_function.output(code)));
    let (Some(event), Some(output)) = (event, output) else {
        problems.add(
            code,
            position,
            "the types of the event and of the response of this closure are not known",
            "write a function with these types, and call it in the closure",
        );
        return None;
    };
    let mut edits = body.edits;
    let mut parameters = vec![format!("{}: {event}", body.event)];
    if let Some(context) = &body.context {
        parameters.push(format!("{context}: &{context_type}"));
        if *context_type == "Context" {
            imports.insert("lambda_native::Context".to_owned());
        }
    }
    let whole =
        parts.before.as_ref().map_or(parts.inner.start, |before| before.start)..parts.inner.end;
    match (state.parts.as_slice(), captured) {
        ([], _) => {}
        ([(_, ty)], [name]) => {
            parameters.push(format!("{name}: &{ty}"));
            edits.extend(references(code, &whole, name, name));
        }
        (_, names) => {
            parameters.push("state: &SharedState".to_owned());
            for name in names {
                let variable = surroundings.variables.iter().find(|it| it.name == *name)?;
                let owned = variable.alias_of.as_ref().unwrap_or(name);
                edits.extend(fields(code, &whole, name, owned, variable.alias_of.is_some()));
            }
        }
    }
    let inner = code.edited_part(&parts.inner, &edits);
    let inner = if parts.statements.is_empty() { format!("{inner}.await") } else { inner };
    let inner = indented(code, &parts.inner, &inner);
    let text = match &parts.before {
        Some(before) => {
            let text = code.edited_part(before, &edits);
            format!("{}\n{inner}", indented(code, before, &text))
        }
        None => inner,
    };
    let name = state::free_item(code, &["handler", "handle_event", "handle_invocation"]);
    let output = if output.is_empty() { String::new() } else { format!(" -> {output}") };
    let parameters = parameters.join(", ");
    Some(format!(
        "#[lambda_handler{arguments}]\nasync fn {name}({parameters}){output} {{\n{text}\n}}\n"
    ))
}

/// Removes `&` before a whole argument that has become a reference.
fn references(code: &Code, range: &Range<usize>, name: &str, new: &str) -> Vec<Edit> {
    let tokens = code.tokens_in(range);
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let is_whole =
        |at: &usize| text(at.wrapping_sub(1)) == "&" && [")", ","].contains(&text(at + 1));
    let found = uses(tokens, name).filter(is_whole).filter_map(|at| {
        let start = tokens.get(at - 1)?.range.start;
        Some((start..tokens.get(at)?.range.end, new.to_owned()))
    });
    found.collect()
}

/// Puts `state.` before the name of a variable.
fn fields(code: &Code, range: &Range<usize>, name: &str, owned: &str, is_alias: bool) -> Vec<Edit> {
    let tokens = code.tokens_in(range);
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    // `let name = name.clone();` gives the name to something else.
    let shadow = (0..tokens.len()).find(|at| text(*at) == "let" && text(at + 1) == name);
    let end = shadow.and_then(|start| (start..tokens.len()).find(|at| text(*at) == ";"));
    let is_before = |at: &usize| end.is_none_or(|end| *at < end);
    let found = uses(tokens, name).take_while(is_before).filter_map(|at| {
        let range = tokens.get(at)?.range.clone();
        let needs_reference = is_alias && text(at + 1) != ".";
        let reference = if needs_reference { "&" } else { "" };
        Some((range, format!("{reference}state.{owned}")))
    });
    found.collect()
}

/// Returns the `Result` type of `Ok::<T, E>(…)` or of `Result::<T, E>::Ok(…)`.
fn turbofish(code: &Code, range: &Range<usize>) -> Option<String> {
    let tokens = code.tokens_in(range);
    for at in 0..tokens.len() {
        let is_start = ["Ok", "Err", "Result"]
            .iter()
            .any(|name| starts_with(tokens, at, &[name, ":", ":", "<"]));
        if !is_start {
            continue;
        }
        let mut depth = 0_i32;
        for end in at + 3..tokens.len() {
            match tokens.get(end).map(|token| &*token.text) {
                Some("<") => depth += 1,
                Some(">") if tokens.get(end - 1).is_some_and(|it| it.text == "-") => {}
                Some(">") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let range = tokens.get(at + 3)?.range.start..tokens.get(end)?.range.end;
                return Some(format!("Result{}", code.text(range)));
            }
        }
    }
    None
}

/// Indents the code of a function's body by four spaces. Code with a literal of several lines stays as it is.
fn indented(code: &Code, range: &Range<usize>, text: &str) -> String {
    let text = text.trim_end().trim_start_matches('\n');
    let has_long_literal = code
        .tokens_in(range)
        .iter()
        .any(|token| token.kind == TokenKind::Literal && token.text.contains('\n'));
    if has_long_literal {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    // The first line starts after a brace.
    let least = lines
        .iter()
        .skip(usize::from(lines.len() > 1 && lines.first().is_some_and(|it| indent(it) <= 1)))
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min()
        .unwrap_or_default();
    let indented = lines.iter().map(|line| match line.get(least.min(indent(line))..) {
        Some(line) if !line.trim().is_empty() => format!("    {line}"),
        _ => String::new(),
    });
    indented.collect::<Vec<_>>().join("\n")
}
