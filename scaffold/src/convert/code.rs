//! A source file of the project, with its tokens in order and without their nesting.

use std::ops::Range;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::files;
use crate::rust_source::{Edits, RustSource};
use crate::term::error::{Error, Result};
use crate::term::quote;

/// A source file.
pub(super) struct Code {
    pub(super) path: PathBuf,
    pub(super) source: RustSource,
    pub(super) tokens: Vec<Token>,
}

/// A token with its place in the file.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) range: Range<usize>,
    pub(super) kind: TokenKind,
    /// It belongs to the arguments of a macro.
    pub(super) in_macro: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Ident,
    Literal,
    Punct,
    Delimiter,
}

/// A replacement of a part of a file.
pub(super) type Edit = (Range<usize>, String);

impl Code {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = quote::relative(path);
        let text = files::read(path)?;
        let text = String::from_utf8(text)
            .map_err(|error| Error::new(format!("`{name}` is not UTF-8")).because(error))?;
        let refuse = |(line, why): (usize, String)| {
            Error::new(format!("{name}:{line}: {why}")).hint("the command needs code that compiles")
        };
        let tokens = tokens(&text);
        let source = RustSource::parse(text).map_err(refuse)?;
        Ok(Self { path: path.to_owned(), source, tokens })
    }

    /// Returns the code of a range.
    pub(super) fn text(&self, range: Range<usize>) -> &str {
        self.source.text().get(range).unwrap_or_default()
    }

    /// Returns the tokens of a range.
    pub(super) fn tokens_in(&self, range: &Range<usize>) -> &[Token] {
        let start = self.tokens.partition_point(|token| token.range.start < range.start);
        let end = self.tokens.partition_point(|token| token.range.start < range.end);
        self.tokens.get(start..end).unwrap_or_default()
    }

    /// Returns the first name of these in a range.
    pub(super) fn find(&self, range: &Range<usize>, names: &[&str]) -> Option<&Token> {
        let mut tokens = self.tokens_in(range).iter();
        tokens.find(|token| token.kind == TokenKind::Ident && names.contains(&&*token.text))
    }

    /// Returns the number of the line of a position.
    pub(super) fn line(&self, position: usize) -> usize {
        self.text(0..position).matches('\n').count() + 1
    }

    /// Returns the position after the line break that ends the line of a position.
    pub(super) fn next_line(&self, position: usize) -> usize {
        let length = self.source.text().len();
        self.text(position..length).find('\n').map_or(length, |end| position + end + 1)
    }

    /// Extends a range to whole lines, with the line breaks, if nothing else stands in them.
    pub(super) fn whole_lines(&self, range: Range<usize>) -> Range<usize> {
        let start = self.source.line_start(range.start);
        let end = self.next_line(range.end);
        let is_blank = |range| self.text(range).trim().is_empty();
        if is_blank(start..range.start) && is_blank(range.end..end) { start..end } else { range }
    }

    /// Extends the range of a statement to whole lines, and to a blank line after it.
    pub(super) fn paragraph(&self, range: Range<usize>) -> Range<usize> {
        let Range { start, end } = self.whole_lines(range);
        let next = self.next_line(end);
        let before = self.text(0..start);
        let starts = before.ends_with("{\n") || before.ends_with("\n\n") || before.is_empty();
        let is_blank = next > end && self.text(end..next).trim().is_empty();
        if starts && is_blank && self.text(start..end).ends_with('\n') {
            start..next
        } else {
            start..end
        }
    }

    /// Returns the text of a range after those edits that are within it.
    pub(super) fn edited_part(&self, range: &Range<usize>, edits: &[Edit]) -> String {
        let mut within: Vec<&Edit> = edits
            .iter()
            .filter(|(edit, _)| range.start <= edit.start && edit.end <= range.end)
            .collect();
        within.sort_by_key(|(edit, _)| (edit.start, edit.end));
        let mut part = String::new();
        let mut position = range.start;
        for (edit, new) in within {
            part += self.text(position..edit.start);
            part += new;
            position = edit.end;
        }
        part + self.text(position..range.end)
    }

    /// Returns the whole text after the edits; `None` if two overlap.
    pub(super) fn edited(&self, edits: &[Edit]) -> Option<String> {
        let mut all = Edits::default();
        for (range, new) in edits {
            all.replace(range.clone(), new.clone());
        }
        self.source.edited(&all)
    }
}

/// Tells whether the tokens from this one on have these texts.
pub(super) fn starts_with(tokens: &[Token], at: usize, texts: &[&str]) -> bool {
    tokens
        .get(at..at + texts.len())
        .is_some_and(|tokens| tokens.iter().zip(texts).all(|(token, text)| token.text == *text))
}

fn tokens(text: &str) -> Vec<Token> {
    let code = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tokens = Vec::new();
    // A mistake is reported by the parser.
    let stream = code.parse().unwrap_or_default();
    collect(stream, text.len() - code.len(), false, &mut tokens);
    tokens
}

fn collect(stream: TokenStream, start: usize, in_macro: bool, tokens: &mut Vec<Token>) {
    // A macro is a name, a `!` and its arguments.
    let mut marks = 0;
    let shift = |range: Range<usize>| range.start + start..range.end + start;
    for tree in stream {
        let (text, kind) = match &tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                let mut push = |text: &str, range| {
                    let range = shift(range);
                    let kind = TokenKind::Delimiter;
                    tokens.push(Token { text: text.to_owned(), range, kind, in_macro });
                };
                push(open, group.span_open().byte_range());
                let is_macro = in_macro || marks == 2;
                collect(group.stream(), start, is_macro, tokens);
                let range = shift(group.span_close().byte_range());
                let kind = TokenKind::Delimiter;
                tokens.push(Token { text: close.to_owned(), range, kind, in_macro });
                marks = 0;
                continue;
            }
            TokenTree::Ident(name) => (name.to_string(), TokenKind::Ident),
            TokenTree::Punct(punct) => (punct.to_string(), TokenKind::Punct),
            TokenTree::Literal(literal) => (literal.to_string(), TokenKind::Literal),
        };
        marks = match (kind, marks) {
            (TokenKind::Ident, _) => 1,
            (TokenKind::Punct, 1) if text == "!" => 2,
            _ => 0,
        };
        let range = shift(tree.span().byte_range());
        tokens.push(Token { text, range, kind, in_macro });
    }
}
