//! The context of an invocation: its fields become methods.

use std::ops::Range;

use super::code::{Code, Edit, Token, starts_with};
use super::problem::Problems;
use super::uses::uses;

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

/// The fields of `lambda_runtime::Context` with an equivalent: the name, the method, and the call after it that makes
/// the same type.
const FIELDS: [(&str, &str, &str); 4] = [
    ("request_id", ".request_id()", ".to_owned()"),
    ("invoked_function_arn", ".invoked_function_arn().unwrap_or_default()", ".to_owned()"),
    ("xray_trace_id", ".trace_id()", ".map(str::to_owned)"),
    ("identity", ".cognito_identity()?", ""),
];

/// Edits a field of the context: `at` is the token of its name.
pub(super) fn context_use(
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
