//! Text from outside, in messages and logs.

/// Escapes control characters and others that are not visible, and shortens the text.
pub(crate) fn printable(text: &str, longest: usize) -> String {
    let mut printable = String::new();
    for (number, character) in text.chars().enumerate() {
        if number == longest {
            printable.push('…');
            break;
        }
        match character {
            '"' | '\'' | '\\' => printable.push(character),
            other => printable.extend(other.escape_debug()),
        }
    }
    printable
}
