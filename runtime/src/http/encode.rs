//! The response as JSON, in the shape that the kind of the request demands.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Kind, Response};

/// Writes a response, which has nothing in it that HTTP does not allow.
pub(super) fn encode(response: &Response, kind: Kind, out: &mut Vec<u8>) {
    open(response, kind, out);
    out.extend_from_slice(br#","body":"#);
    if let Some(text) = response.text() {
        string(text, out);
        out.extend_from_slice(br#","isBase64Encoded":false}"#);
    } else {
        out.push(b'"');
        out.extend_from_slice(BASE64_STANDARD.encode(response.body()).as_bytes());
        out.extend_from_slice(br#"","isBase64Encoded":true}"#);
    }
}

/// Writes all of a response but its body.
pub(super) fn prelude(response: &Response, kind: Kind, out: &mut Vec<u8>) {
    open(response, kind, out);
    out.push(b'}');
}

/// Writes the members of a response that come before its body.
fn open(response: &Response, kind: Kind, out: &mut Vec<u8>) {
    let status = response.status();
    out.extend_from_slice(br#"{"statusCode":"#);
    out.extend_from_slice(status.to_string().as_bytes());
    match kind {
        Kind::HttpApi | Kind::FunctionUrl => {
            headers(response, |name, _| !is_cookie(name), out);
            cookies(response, out);
        }
        // A REST API merges both objects, and answers 502 to a field that it does not know.
        Kind::RestApi => {
            headers(response, |name, values| values == 1 && !is_cookie(name), out);
            multi_value_headers(response, |name, values| values > 1 || is_cookie(name), out);
        }
        Kind::LoadBalancer { multi_value_headers: is_multi_value } => {
            out.extend_from_slice(br#","statusDescription":"#);
            string(&format!("{status} {}", reason(status)), out);
            if is_multi_value {
                multi_value_headers(response, |_, _| true, out);
            } else {
                headers(response, |_, _| true, out);
            }
        }
    }
}

/// `headers`: one string for each of the chosen names, the values of a repeated one joined.
///
/// Cookies cannot be joined. They are among the chosen only for a load balancer without multi-value
/// headers, which takes but one string for each name: they get names that differ in upper and lower
/// case, several names to JSON and one to HTTP. A balancer that takes them for one keeps the last.
fn headers(response: &Response, chosen: fn(&str, usize) -> bool, out: &mut Vec<u8>) {
    let mut names = Members::open("headers", out);
    for (name, values) in distinct(response) {
        let count = values.clone().count();
        if !chosen(name, count) {
            continue;
        }
        if is_cookie(name) {
            for (number, value) in values.enumerate() {
                string(value, names.name(&respelled(name, number)));
            }
        } else if count == 1 {
            values.for_each(|value| string(value, names.name(name)));
        } else {
            string(&values.collect::<Vec<_>>().join(", "), names.name(name));
        }
    }
    names.close();
}

/// `multiValueHeaders`: a list of strings for each of the chosen names; left out if there is none.
fn multi_value_headers(response: &Response, chosen: fn(&str, usize) -> bool, out: &mut Vec<u8>) {
    let chosen = distinct(response).filter(|(name, values)| chosen(name, values.clone().count()));
    let mut chosen = chosen.peekable();
    if chosen.peek().is_none() {
        return;
    }
    let mut names = Members::open("multiValueHeaders", out);
    for (name, values) in chosen {
        list(values, names.name(name));
    }
    names.close();
}

/// `cookies`: a list of strings; `cargo lambda watch` refuses a response without it.
fn cookies(response: &Response, out: &mut Vec<u8>) {
    out.extend_from_slice(br#","cookies":"#);
    list(response.headers().filter_map(|(name, value)| is_cookie(name).then_some(value)), out);
}

fn is_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case("set-cookie")
}

/// Each name of the headers once, as it is first spelled, with all values.
fn distinct(
    response: &Response,
) -> impl Iterator<Item = (&str, impl Iterator<Item = &str> + Clone)> {
    let headers = response.headers();
    headers.clone().enumerate().filter_map(move |(position, (name, _))| {
        let same = move |(other, _): &(&str, &str)| name.eq_ignore_ascii_case(other);
        let is_first = !headers.clone().take(position).any(|header| same(&header));
        is_first.then(|| (name, headers.clone().filter(same).map(|(_, value)| value)))
    })
}

/// The same name with other letters in upper case, for each number another.
fn respelled(name: &str, number: usize) -> Cow<'_, str> {
    if number == 0 {
        return Cow::Borrowed(name);
    }
    let mut bits = number;
    let letters = name.chars().map(|letter| {
        if !letter.is_ascii_alphabetic() {
            return letter;
        }
        let is_upper = bits & 1 == 1;
        bits >>= 1;
        if is_upper { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    });
    Cow::Owned(letters.collect())
}

/// The members of an object that is itself a member.
struct Members<'o> {
    separator: &'static [u8],
    out: &'o mut Vec<u8>,
}

impl<'o> Members<'o> {
    fn open(name: &str, out: &'o mut Vec<u8>) -> Self {
        out.push(b',');
        string(name, out);
        out.extend_from_slice(b":{");
        Self { separator: b"", out }
    }

    /// Writes the name of a member; its value is to follow.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.out.extend_from_slice(self.separator);
        self.separator = b",";
        string(name, self.out);
        self.out.push(b':');
        self.out
    }

    fn close(self) {
        self.out.push(b'}');
    }
}

fn list<'v>(values: impl Iterator<Item = &'v str>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (number, value) in values.enumerate() {
        out.extend_from_slice(if number == 0 { b"" } else { b"," });
        string(value, out);
    }
    out.push(b']');
}

/// Writes a JSON string, eight bytes at a time: bodies are long, and most of their bytes stand for
/// themselves.
pub(super) fn string(text: &str, out: &mut Vec<u8>) {
    const EIGHT: usize = size_of::<u64>();
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + EIGHT);
    out.push(b'"');
    while let Some((eight, after)) = rest.split_first_chunk::<EIGHT>() {
        out.extend_from_slice(eight);
        let Some(plain) = first_to_escape(u64::from_le_bytes(*eight)) else {
            rest = after;
            continue;
        };
        out.truncate(out.len() - EIGHT + plain);
        rest = rest.get(plain..).unwrap_or_default();
        if let Some((byte, after)) = rest.split_first() {
            escape(*byte, out);
            rest = after;
        }
    }
    for byte in rest {
        match byte {
            0..0x20 | b'"' | b'\\' => escape(*byte, out),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

/// Which of eight bytes, the first in the lowest, is the first that JSON does not take as it is.
const fn first_to_escape(eight: u64) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // The high bit of each byte that is less than `limit`, and perhaps of bytes above such a one:
    // what is borrowed goes upwards, so that the lowest bit is right.
    const fn less(bytes: u64, limit: u64) -> u64 {
        bytes.wrapping_sub(ONES * limit) & !bytes & HIGH
    }
    let found = less(eight, 0x20)
        | less(eight ^ (ONES * b'"' as u64), 1)
        | less(eight ^ (ONES * b'\\' as u64), 1);
    if found == 0 { None } else { Some(found.trailing_zeros() as usize / 8) }
}

/// Writes a byte that JSON does not take as it is.
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

/// The reason phrase of a status (RFC 9110 and the IANA registry).
const fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        511 => "Network Authentication Required",
        _ => "Unassigned",
    }
}

#[cfg(test)]
mod tests {
    use super::string;

    /// Every pair of these, at every place in and around the eight bytes that are taken at a time.
    const TEXTS: [&str; 12] =
        ["", "a", "\"", "\\", "\n", "\u{0}", "\u{1f}", " ", "\u{7f}", "é", "\u{80}", "😀"];

    #[test]
    fn strings_are_as_serde_json_has_them() {
        for first in TEXTS {
            for second in TEXTS {
                for before in 0..10 {
                    for between in 0..10 {
                        let text =
                            ["x".repeat(before), "y".repeat(between), "z".repeat(9)].join("\u{0}");
                        let text = text.replacen('\0', first, 1).replacen('\0', second, 1);
                        let mut out = Vec::new();
                        string(&text, &mut out);
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
        string(&all, &mut out);
        assert_eq!(String::from_utf8(out).ok(), serde_json::to_string(&all).ok());
    }
}
