//! The uses of a name in code.

use std::ops::Range;

use super::code::{Code, Token, TokenKind};
use super::functions::EventFunctions;

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

/// Tells whether a name is a whole argument of a function that takes an event: `Some(true)` if that function takes the
/// context too.
pub(super) fn passed_to(
    tokens: &[Token],
    at: usize,
    event_functions: &EventFunctions<'_>,
) -> Option<bool> {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let is_whole =
        ["(", ","].contains(&text(at.wrapping_sub(1))) && [")", ","].contains(&text(at + 1));
    if !is_whole {
        return None;
    }
    let Call { function, index } = call_around(tokens, at)?;
    let event_function = event_functions.get(function)?;
    (event_function.index == index).then_some(event_function.takes_context)
}

/// The call of a function around one of its arguments.
pub(super) struct Call<'t> {
    pub(super) function: &'t str,
    /// The number of arguments before this one.
    pub(super) index: usize,
}

/// Finds the call that a token is an argument of, or a part of one; `None` if it is the call of a method.
pub(super) fn call_around(tokens: &[Token], at: usize) -> Option<Call<'_>> {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let mut depth = 0_usize;
    let mut index = 0;
    for before in (0..at).rev() {
        match text(before) {
            ")" | "]" | "}" => depth += 1,
            "(" if depth == 0 => {
                let is_method = text(before.wrapping_sub(2)) == ".";
                let function = text(before.wrapping_sub(1));
                return (!is_method).then_some(Call { function, index });
            }
            "[" | "{" if depth == 0 => return None,
            "(" | "[" | "{" => depth -= 1,
            "," if depth == 0 => index += 1,
            _ => {}
        }
    }
    None
}

/// Returns the name of the macro that a token is an argument of.
pub(super) fn macro_around(tokens: &[Token], at: usize) -> Option<&str> {
    let text = |at: usize| tokens.get(at).map_or("", |token| &*token.text);
    let mut depth = 0_usize;
    for before in (0..at).rev() {
        match text(before) {
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" if depth == 0 => {
                if text(before.wrapping_sub(1)) == "!" {
                    return Some(text(before.wrapping_sub(2)));
                }
            }
            "(" | "[" | "{" => depth -= 1,
            _ => {}
        }
    }
    None
}
