//! Escapes control characters in text from outside, so that it cannot control the terminal: a name or a
//! log line could otherwise set the clipboard, hide text or pretend to be a message of this program.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Escapes all control characters. The result is on one line.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push(&mut escaped, c));
    Cow::Owned(escaped)
}

/// Escapes control characters except line breaks and tabs.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_control(c) && !is_layout(c)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_layout(c) { escaped.push(c) } else { push(&mut escaped, c) }
    }
    Cow::Owned(escaped)
}

/// Escapes control characters except line breaks, tabs and colours: the sequences that SGR (Select
/// Graphic Rendition) defines. Bytes that are not UTF-8 are escaped too.
///
/// In JSON, it changes only strings and keeps their values: JSON contains no control characters but line
/// breaks and those above ASCII, whose escapes are the same.
pub(crate) fn colored(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.iter().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~')) {
        return Cow::Borrowed(bytes);
    }
    let mut escaped = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(c) = rest.chars().next() {
            let (passed, after) = rest.split_at(color_length(rest).unwrap_or(c.len_utf8()));
            if passed.len() > c.len_utf8() || is_layout(c) {
                escaped.push_str(passed);
            } else {
                push(&mut escaped, c);
            }
            rest = after;
        }
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\x{byte:02x}");
        }
    }
    Cow::Owned(escaped.into_bytes())
}

/// Returns the length of the colour sequence at the start of the text, if there is one.
fn color_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let rest = parameters.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';' || c == ':');
    rest.starts_with('m').then(|| text.len() - rest.len() + 1)
}

fn is_layout(c: char) -> bool {
    matches!(c, '\n' | '\t')
}

/// Returns whether a character moves, hides or reorders text.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Line and paragraph separators, and changes of the writing direction.
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

fn push(text: &mut String, c: char) {
    // Writing to a string does not fail.
    let _ = match c {
        '\n' => write!(text, "\\n"),
        '\r' => write!(text, "\\r"),
        '\t' => write!(text, "\\t"),
        c if c < ' ' => write!(text, "\\x{:02x}", u32::from(c)),
        c if is_control(c) => write!(text, "\\u{:04x}", u32::from(c)),
        c => write!(text, "{c}"),
    };
}

#[cfg(test)]
mod tests {
    use super::{colored, line, lines};

    /// Sets the clipboard (OSC 52), moves the cursor, clears, hides, and turns the direction of text.
    const HOSTILE: &str =
        "\x1b]52;c;Z28=\x07\x1b[2J\x1b[1A\r\x08\x7f\u{9b}31m\u{202e}\u{2066}\u{2028}\x1b[8mé\n\t";

    #[test]
    fn escapes_control_characters() {
        let start = r"\x1b]52;c;Z28=\x07\x1b[2J\x1b[1A\r\x08\u007f\u009b31m\u202e\u2066\u2028";
        assert_eq!(line(HOSTILE), format!(r"{start}\x1b[8mé\n\t"));
        assert_eq!(lines(HOSTILE), format!("{start}\\x1b[8mé\n\t"));
        assert_eq!(colored(HOSTILE.as_bytes()), format!("{start}\x1b[8mé\n\t").into_bytes());
    }

    #[test]
    fn keeps_all_other_text() {
        for text in ["", "plain", r"C:\new", "größe 👩‍💻 שלום", "a\u{200f}b"] {
            assert_eq!(line(text), text);
            assert_eq!(lines(text), text);
            assert_eq!(colored(text.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn passes_only_whole_colours() {
        for color in ["\x1b[m", "\x1b[0m", "\x1b[1;31m", "\x1b[38:5:9m", "\x1b[38;2;1;2;3m"] {
            let text = format!("{color}red\x1b[0m");
            assert_eq!(colored(text.as_bytes()), text.as_bytes());
        }
        for (text, escaped) in [
            ("\x1b", r"\x1b"),
            ("\x1b[", r"\x1b["),
            ("\x1b[31", r"\x1b[31"),
            ("\x1b[31\x1b[0mm", "\\x1b[31\x1b[0mm"),
            ("\x1b[?25l", r"\x1b[?25l"),
            ("\x1b[>4;1m", r"\x1b[>4;1m"),
            ("\x1b[3 m", r"\x1b[3 m"),
            ("\x1bc", r"\x1bc"),
        ] {
            assert_eq!(colored(text.as_bytes()), escaped.as_bytes(), "{text:?}");
        }
        assert_eq!(*colored(b"a\xff\xc3\x1b[0m"), *b"a\\xff\\xc3\x1b[0m");
    }
}
