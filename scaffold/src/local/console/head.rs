//! The first line and the headers of a message, in one text.

use hyper::http::request::Parts;
use hyper::{HeaderMap, Response};

/// Writes the head of a request: `GET /orders?page=2`, and its headers.
pub(super) fn write_request(head: &Parts, out: &mut Vec<u8>) {
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    write(&[head.method.as_str(), " ", target], &head.headers, out);
}

/// Writes the head of a response: `200`, and its headers.
pub(super) fn write_response<B>(response: &Response<B>, out: &mut Vec<u8>) {
    write(&[response.status().as_str()], response.headers(), out);
}

fn write(first: &[&str], headers: &HeaderMap, out: &mut Vec<u8>) {
    for part in first {
        out.extend_from_slice(part.as_bytes());
    }
    // Neither names nor values contain line breaks, and names contain no colons.
    for (name, value) in headers {
        out.push(b'\n');
        out.extend_from_slice(name.as_str().as_bytes());
        out.push(b':');
        out.extend_from_slice(value.as_bytes());
    }
}

/// Returns the first line, and the headers in their order.
pub(super) fn parse(head: &[u8]) -> (String, Vec<(String, String)>) {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let pairs = lines.filter_map(|line| line.split_once(':'));
    (first, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

pub(super) fn first_line(head: &[u8]) -> String {
    let first = head.split(|byte| *byte == b'\n').next();
    String::from_utf8_lossy(first.unwrap_or_default()).into_owned()
}
