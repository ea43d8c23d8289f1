//! Collects all errors of one macro call, and formats the code and the suggestions in them.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Errors that are reported together.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds an error that points at all of `tokens`.
    pub(crate) fn refuse(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Returns the value of a result, or adds its error.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

/// A `compile_error!` for each.
impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.as_ref().map(syn::Error::to_compile_error));
    }
}

/// The positions of the first and the last token: an error about code that begins with the one and
/// ends with the other is shown as an error about all of it.
pub(crate) fn ends(code: &impl ToTokens) -> (Span, Span) {
    let mut tokens = code.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    (first, last)
}

/// Formats code as it is usually written: `BTreeMap<String, Order<'_>>`.
pub(crate) fn code(code: &impl ToTokens) -> String {
    let mut text = String::new();
    write(&mut text, code.to_token_stream());
    text
}

fn write(text: &mut String, tokens: TokenStream) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                // `&mut [T]`, `&'a [T]`
                if open == "[" {
                    separate(text);
                }
                text.push_str(open);
                write(text, group.stream());
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' | ';' => text.extend([punct.as_char(), ' ']),
                '+' | '=' => text.extend([' ', punct.as_char(), ' ']),
                '>' if text.ends_with('-') => {
                    text.pop();
                    text.push_str(" -> ");
                }
                '\'' => {
                    separate(text);
                    text.push('\'');
                }
                other => text.push(other),
            },
            word => {
                separate(text);
                text.push_str(&word.to_string());
            }
        }
    }
}

/// Puts a space between two words.
fn separate(text: &mut String) {
    if text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
        text.push(' ');
    }
}

/// Finds the name that was probably meant by a misspelled word.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|known| (distance(&word, known), known))
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3))
        .min()
        .map(|(_, known)| known)
}

/// The Levenshtein distance. A dependency would be one more crate in every project.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(to.chars()) {
            let above = *cell;
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_people_write_them() {
        for written in [
            "()",
            "Order<'_>",
            "&str",
            "&'a [u8]",
            "&mut [u8]",
            "[u8; 4]",
            "BTreeMap<String, Vec<Order<'_>>>",
            "(u16, Json<&'static str>)",
            "impl Future<Output = u8> + 'static",
            "&mut dyn Fn(u8) -> u8",
            "<T as std::ops::Deref>::Target",
        ] {
            let ty: syn::Type = syn::parse_str(written).unwrap();
            assert_eq!(code(&ty), written);
        }
    }

    #[test]
    fn the_closest_word_is_found_if_it_is_close() {
        let known = ["http", "init", "worker_threads"];
        assert_eq!(closest("htpp", known), Some("http"));
        assert_eq!(closest("HTTP", known), Some("http"));
        assert_eq!(closest("workers_thread", known), Some("worker_threads"));
        assert_eq!(closest("int", known), Some("init"));
        assert_eq!(closest("timeout", known), None);
    }
}
