//! The text of a Rust source file, and edits of it at the places of its tokens. Everything outside of the edits stays
//! as it is, byte for byte.

use std::ops::Range;

use proc_macro2::Span;

/// The mark at the start of a file that some editors write.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A source file with its syntax tree.
pub(crate) struct RustSource {
    text: String,
    file: syn::File,
    /// The length of what precedes the parsed text.
    start: usize,
}

impl RustSource {
    /// Parses the text of a file. The error is the line and the message of the parser.
    pub(crate) fn parse(text: String) -> Result<Self, (usize, String)> {
        let code = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
        let start = text.len() - code.len();
        let file: syn::File = syn::parse_str(code)
            .map_err(|error: syn::Error| (error.span().start().line, error.to_string()))?;
        Ok(Self { text, file, start })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn file(&self) -> &syn::File {
        &self.file
    }

    /// Returns the bytes of a token, or of tokens whose spans were joined.
    pub(crate) fn range(&self, span: Span) -> Range<usize> {
        let Range { start, end } = span.byte_range();
        start + self.start..end + self.start
    }

    /// Returns the code of a token.
    pub(crate) fn code(&self, span: Span) -> &str {
        self.text.get(self.range(span)).unwrap_or_default()
    }

    /// Returns the start of the line of a position.
    pub(crate) fn line_start(&self, position: usize) -> usize {
        let before = self.text.get(..position).unwrap_or_default();
        before.rfind('\n').map_or(0, |end| end + 1)
    }

    /// Returns the end of the line if nothing but a comment follows on it, or else the position itself.
    pub(crate) fn end_with_comment(&self, position: usize) -> usize {
        let rest = self.text.get(position..).unwrap_or_default();
        let rest = rest.lines().next().unwrap_or_default();
        let code = rest.trim_start();
        let is_comment = code.is_empty() || code.starts_with("//");
        if is_comment { position + rest.len() } else { position }
    }

    /// Returns the text after the edits; `None` if two of them overlap.
    pub(crate) fn edited(&self, edits: &Edits) -> Option<String> {
        edits.apply(&self.text)
    }
}

/// Replacements of parts of a text, in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Replaces a range. The new text has line breaks of the form `\n`; the file's form takes their place.
    pub(crate) fn replace(&mut self, range: Range<usize>, new: impl Into<String>) {
        self.0.push((range, new.into()));
    }

    /// Inserts a text. Of several at one position, the first comes first.
    pub(crate) fn insert(&mut self, position: usize, new: impl Into<String>) {
        self.replace(position..position, new);
    }

    /// Applies the edits to the text that their ranges belong to.
    fn apply(&self, text: &str) -> Option<String> {
        let mut edits: Vec<_> = self.0.iter().collect();
        // The sort is stable.
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let is_crlf = text.contains("\r\n");
        let mut edited = String::with_capacity(text.len());
        let mut position = 0;
        for (range, new) in edits {
            edited += text.get(position..range.start)?;
            edited += &if is_crlf { new.replace('\n', "\r\n") } else { new.clone() };
            position = range.end;
        }
        edited += text.get(position..)?;
        Some(edited)
    }
}

#[cfg(test)]
mod tests {
    use syn::spanned::Spanned;

    use super::*;

    /// Renames the function of a file, and adds a line before it.
    fn renamed(text: &str) -> String {
        let source = RustSource::parse(text.to_owned()).unwrap();
        let [syn::Item::Fn(function)] = source.file().items.as_slice() else { panic!("{text}") };
        let mut edits = Edits::default();
        edits.replace(source.range(function.sig.ident.span()), "new");
        edits.insert(source.range(function.span()).start, "// One.\n// Two.\n");
        source.edited(&edits).unwrap()
    }

    #[test]
    fn keeps_everything_outside_of_the_edits() {
        assert_eq!(
            renamed("\u{feff}// ä\r\nfn  old ( ) {  }\t\r\n\r\n"),
            "\u{feff}// ä\r\n// One.\r\n// Two.\r\nfn  new ( ) {  }\t\r\n\r\n"
        );
        assert_eq!(renamed("fn old(){}"), "// One.\n// Two.\nfn new(){}");
    }

    #[test]
    fn refuses_edits_that_overlap() {
        let source = RustSource::parse("fn old() {}".to_owned()).unwrap();
        let mut edits = Edits::default();
        edits.replace(0..4, "");
        edits.replace(3..6, "");
        assert_eq!(source.edited(&edits), None);
    }

    #[test]
    fn names_the_line_that_does_not_parse() {
        let (line, message) = RustSource::parse("fn main() {}\nfn {}\n".to_owned()).err().unwrap();
        assert_eq!((line, &*message), (2, "expected identifier"));
    }
}
