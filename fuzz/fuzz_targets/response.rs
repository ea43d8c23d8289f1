//! Responses of the Runtime API: their heads and their chunks.
//!
//! The first bytes of the input decide how the rest is cut into pieces, and whether it is a response
//! as it stands or a body to make a response from.

#![no_main]

use std::fmt::Write;

use lambda_native::fuzzing::{FuzzedResponse, response};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(([mode, cuts @ ..], bytes)) = input.split_first_chunk::<4>() else { return };
    match mode % 4 {
        0 => reads_what_was_written(cuts, bytes),
        _ => agrees_with_a_plain_parser(cuts, bytes),
    }
});

/// The same bytes give the same response or the same error in any pieces, and the response is the
/// one that a parser finds which has all bytes at once.
fn agrees_with_a_plain_parser(cuts: &[u8], bytes: &[u8]) {
    let whole = response([bytes]);
    assert_eq!(response(pieces(cuts, bytes)), whole);
    assert_eq!(response(bytes.chunks(1)), whole);
    let Ok(whole) = whole else { return };
    let (status, headers, body) = parse(bytes);
    assert_eq!((whole.status, &whole.headers, &whole.body), (status, &headers, &body));
    if !whole.reusable {
        return;
    }
    // A response that has its own end does not depend on what follows, and needs all its bytes.
    let more = [bytes, b"HTTP/1.1 200 OK\r\n\r\n"].concat();
    assert_eq!(response([&*more]), Ok(FuzzedResponse { reusable: false, ..whole }));
    assert!(response([&bytes[..bytes.len() - 1]]).is_err(), "it ended before its end");
}

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// Parses a response that is known to be valid.
fn parse(mut bytes: &[u8]) -> (u16, Headers, Vec<u8>) {
    loop {
        let mut lines = [httparse::EMPTY_HEADER; 96];
        let mut head = httparse::Response::new(&mut lines);
        let Ok(httparse::Status::Complete(length)) = head.parse(bytes) else {
            panic!("the head is not valid");
        };
        bytes = &bytes[length..];
        let status = head.code.expect("a head has a status");
        if matches!(status, 100 | 102..200) {
            continue;
        }
        let headers: Headers = head
            .headers
            .iter()
            .map(|line| (line.name.as_bytes().to_vec(), line.value.to_vec()))
            .collect();
        let value = |name: &str| {
            let line = head.headers.iter().find(|line| line.name.eq_ignore_ascii_case(name));
            line.map(|line| str::from_utf8(line.value).expect("it is ASCII").trim())
        };
        let body = match (value("transfer-encoding"), value("content-length")) {
            _ if matches!(status, 101 | 204 | 304) => Vec::new(),
            (Some(_), _) => join_chunks(bytes),
            (None, Some(length)) => bytes[..length.parse().expect("it is a number")].to_vec(),
            (None, None) => bytes.to_vec(),
        };
        return (status, headers, body);
    }
}

fn join_chunks(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n").expect("a size line ends");
        let line = str::from_utf8(&bytes[..end]).unwrap_or_else(|error| {
            str::from_utf8(&bytes[..error.valid_up_to()]).expect("it is valid up to there")
        });
        let digits = line.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(line.len());
        let size = usize::from_str_radix(&line[..digits], 16).expect("it is a size");
        if size == 0 {
            return body;
        }
        let (chunk, rest) = bytes[end + 2..].split_at(size);
        body.extend_from_slice(chunk);
        bytes = rest.strip_prefix(b"\r\n").expect("a line break follows a chunk");
    }
}

/// A body comes out of its response as it was put in.
fn reads_what_was_written(cuts: &[u8], body: &[u8]) {
    let expected = |status| {
        Ok(FuzzedResponse { status, headers: Vec::new(), body: body.to_vec(), reusable: true })
    };
    let without_headers = |response: Result<FuzzedResponse, String>| {
        response.map(|response| FuzzedResponse { headers: Vec::new(), ..response })
    };

    let head = format!("HTTP/1.1 200 OK\r\nX: y\r\ncontent-length: {}\r\n\r\n", body.len());
    let counted = [head.as_bytes(), body].concat();
    assert_eq!(without_headers(response(pieces(cuts, &counted))), expected(200));

    let mut chunked = b"HTTP/1.1 100 -\r\n\r\nHTTP/1.1 413 Content Too Large\r\n\
                        Transfer-Encoding:\tChunked \r\nConnection: x, keep-alive\r\n\r\n"
        .to_vec();
    for (index, chunk) in pieces(cuts, body).enumerate().filter(|(_, chunk)| !chunk.is_empty()) {
        let mut line = String::new();
        let _ = match index % 3 {
            0 => write!(line, "{:x}\r\n", chunk.len()),
            1 => write!(line, "{:06X} ; a=\"b;\"\r\n", chunk.len()),
            _ => write!(line, "{:x};\r\n", chunk.len()),
        };
        chunked.extend_from_slice(line.as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    let trailer = if cuts[0] % 2 == 0 { "0\r\n\r\n" } else { "000;x\r\nA: b\r\nC:\r\n\r\n" };
    chunked.extend_from_slice(trailer.as_bytes());
    assert_eq!(without_headers(response(pieces(cuts, &chunked))), expected(413));

    let lasting = [b"HTTP/1.1 200\r\n\r\n", body].concat();
    let lasting = response(pieces(cuts, &lasting));
    assert_eq!(
        lasting,
        expected(200).map(|response| FuzzedResponse { reusable: false, ..response })
    );
}

/// Cuts `bytes` into pieces of the lengths in `cuts`, in turn.
fn pieces<'b>(cuts: &'b [u8], mut bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
    let mut cuts = cuts.iter().cycle();
    std::iter::from_fn(move || {
        let cut = usize::from(*cuts.next()?).max(1).min(bytes.len());
        let (piece, rest) = bytes.split_at(cut);
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
