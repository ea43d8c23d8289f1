//! JSON strings, written fast.

/// Appends `text` to `out` as a JSON string.
///
/// Bodies are long, and most of their bytes need no escape: blocks without one are copied whole.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let (blocks, rest) = text.as_bytes().as_chunks::<32>();
    for block in blocks {
        if block.iter().fold(false, |found, byte| found | needs_escape(*byte)) {
            write_escaped(block, out);
        } else {
            out.extend_from_slice(block);
        }
    }
    write_escaped(rest, out);
    out.push(b'"');
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches, the compiler checks many bytes at a time"
)]
const fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Appends bytes some of which need an escape, up to eight at a time.
fn write_escaped(mut rest: &[u8], out: &mut Vec<u8>) {
    const EIGHT: usize = size_of::<u64>();
    while let Some((eight, after)) = rest.split_first_chunk::<EIGHT>() {
        out.extend_from_slice(eight);
        let Some(plain) = first_to_escape(u64::from_le_bytes(*eight)) else {
            rest = after;
            continue;
        };
        out.truncate(out.len() - EIGHT + plain);
        if let Some((byte, after)) = rest.split_at(plain).1.split_first() {
            escape(*byte, out);
            rest = after;
        }
    }
    for byte in rest {
        if needs_escape(*byte) {
            escape(*byte, out);
        } else {
            out.push(*byte);
        }
    }
}

/// Returns the index of the first of eight bytes that needs an escape. The first byte is the lowest.
const fn first_to_escape(eight: u64) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Sets the high bit of each byte that is less than `limit`, and perhaps of bytes above it: a
    // subtraction borrows from the byte above, so only the lowest bit is certain.
    const fn less(bytes: u64, limit: u64) -> u64 {
        bytes.wrapping_sub(ONES * limit) & !bytes & HIGH
    }
    let found = less(eight, 0x20)
        | less(eight ^ (ONES * b'"' as u64), 1)
        | less(eight ^ (ONES * b'\\' as u64), 1);
    if found == 0 { None } else { Some(found.trailing_zeros() as usize / 8) }
}

/// Writes the escape of a byte.
fn escape(byte: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        b'"' | b'\\' => byte,
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend(
                [byte >> 4, byte & 0xf].iter().filter_map(|half| DIGITS.get(*half as usize)),
            );
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::write_string;

    /// Every pair of these is tested at every position in and around a block of 32 bytes.
    const TEXTS: [&str; 12] =
        ["", "a", "\"", "\\", "\n", "\u{0}", "\u{1f}", " ", "\u{7f}", "é", "\u{80}", "😀"];

    #[test]
    fn writes_strings_as_serde_json_does() {
        for first in TEXTS {
            for second in TEXTS {
                for before in 0..34 {
                    for between in 0..10 {
                        let text =
                            ["x".repeat(before), "y".repeat(between), "z".repeat(40)].join("\u{0}");
                        let text = text.replacen('\0', first, 1).replacen('\0', second, 1);
                        let mut out = Vec::new();
                        write_string(&text, &mut out);
                        assert_eq!(
                            String::from_utf8(out).ok(),
                            serde_json::to_string(&text).ok(),
                            "{text:?}"
                        );
                    }
                }
            }
        }
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        let mut out = Vec::new();
        write_string(&all, &mut out);
        assert_eq!(String::from_utf8(out).ok(), serde_json::to_string(&all).ok());
    }
}
