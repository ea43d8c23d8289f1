//! Responses as JSON, in the format that the kind of the request requires.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::kind::RequestKind;
use super::response::Response;
use crate::json::string::write_string;

/// Writes a response that is known to be valid.
pub(super) fn encode(response: &Response, kind: RequestKind, out: &mut Vec<u8>) {
    open(response, kind, out);
    out.extend_from_slice(br#","body":"#);
    if let Some(text) = response.text() {
        write_string(text, out);
        out.extend_from_slice(br#","isBase64Encoded":false}"#);
    } else {
        out.push(b'"');
        out.extend_from_slice(BASE64_STANDARD.encode(response.body()).as_bytes());
        out.extend_from_slice(br#"","isBase64Encoded":true}"#);
    }
}

/// Writes all of a response but its body.
pub(super) fn prelude(response: &Response, kind: RequestKind, out: &mut Vec<u8>) {
    open(response, kind, out);
    out.push(b'}');
}

/// Writes the members of a response that come before its body.
fn open(response: &Response, kind: RequestKind, out: &mut Vec<u8>) {
    let status = response.status();
    out.extend_from_slice(br#"{"statusCode":"#);
    out.extend_from_slice(status.to_string().as_bytes());
    match kind {
        RequestKind::HttpApi | RequestKind::FunctionUrl => {
            headers(response, |name, _| !is_cookie(name), out);
            cookies(response, out);
        }
        // A REST API merges both objects, and responds with 502 to a field that it does not know.
        RequestKind::RestApi => {
            headers(response, |name, values| values == 1 && !is_cookie(name), out);
            multi_value_headers(response, |name, values| values > 1 || is_cookie(name), out);
        }
        RequestKind::LoadBalancer { multi_value_headers: is_multi_value } => {
            out.extend_from_slice(br#","statusDescription":"#);
            write_string(&format!("{status} {}", reason(status)), out);
            if is_multi_value {
                multi_value_headers(response, |_, _| true, out);
            } else {
                headers(response, |_, _| true, out);
            }
        }
        RequestKind::VpcLattice => headers(response, |_, _| true, out),
    }
}

/// `headers`: one string for each of the chosen names, the values of a repeated one joined.
///
/// Cookies cannot be joined. They are chosen only for a load balancer without multi-value headers and for VPC
/// Lattice, which take a single string for each name. There they get names that differ in upper and lower
/// case, which are several names in JSON and one in HTTP. A service that treats them as one name keeps
/// the last cookie.
fn headers(response: &Response, chosen: fn(&str, usize) -> bool, out: &mut Vec<u8>) {
    let mut names = ObjectWriter::open("headers", out);
    for (name, values) in distinct(response) {
        let count = values.clone().count();
        if !chosen(name, count) {
            continue;
        }
        if is_cookie(name) {
            for (number, value) in values.enumerate() {
                write_string(value, names.name(&respelled(name, number)));
            }
        } else if count == 1 {
            values.for_each(|value| write_string(value, names.name(name)));
        } else {
            write_string(&values.collect::<Vec<_>>().join(", "), names.name(name));
        }
    }
    names.close();
}

/// `multiValueHeaders`: a list of strings for each of the chosen names. Omitted if there are none.
fn multi_value_headers(response: &Response, chosen: fn(&str, usize) -> bool, out: &mut Vec<u8>) {
    let chosen = distinct(response).filter(|(name, values)| chosen(name, values.clone().count()));
    let mut chosen = chosen.peekable();
    if chosen.peek().is_none() {
        return;
    }
    let mut names = ObjectWriter::open("multiValueHeaders", out);
    for (name, values) in chosen {
        list(values, names.name(name));
    }
    names.close();
}

/// `cookies`: a list of strings. `cargo lambda watch` refuses a response without it.
fn cookies(response: &Response, out: &mut Vec<u8>) {
    out.extend_from_slice(br#","cookies":"#);
    list(response.headers().filter_map(|(name, value)| is_cookie(name).then_some(value)), out);
}

fn is_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case("set-cookie")
}

/// Returns each header name once, in its first spelling, with all its values.
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

/// Returns the name with a different set of letters in upper case for each number.
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

/// Writes an object that is a member of another.
struct ObjectWriter<'o> {
    separator: &'static [u8],
    out: &'o mut Vec<u8>,
}

impl<'o> ObjectWriter<'o> {
    fn open(name: &str, out: &'o mut Vec<u8>) -> Self {
        out.push(b',');
        write_string(name, out);
        out.extend_from_slice(b":{");
        Self { separator: b"", out }
    }

    /// Writes the name of a member. The caller writes its value to what this returns.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.out.extend_from_slice(self.separator);
        self.separator = b",";
        write_string(name, self.out);
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
        write_string(value, out);
    }
    out.push(b']');
}

/// Returns the reason phrase of a status (RFC 9110 and the IANA registry).
pub(crate) const fn reason(status: u16) -> &'static str {
    match status {
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
