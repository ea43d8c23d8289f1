//! Answers of the Runtime API: their heads and chunks.
//!
//! The first bytes of the input say how the rest is cut into pieces, and whether it is an answer as it
//! is or a body that an answer is to be made of.

#![no_main]

use std::fmt::Write;

use lambda_native::fuzzing::{Answer, answer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(([mode, cuts @ ..], bytes)) = input.split_first_chunk::<4>() else { return };
    match mode % 4 {
        0 => reads_what_was_written(cuts, bytes),
        _ => does_not_depend_on_the_pieces(cuts, bytes),
    }
});

/// The same bytes are the same answer, or the same error, in whatever pieces they come.
fn does_not_depend_on_the_pieces(cuts: &[u8], bytes: &[u8]) {
    let whole = answer([bytes]);
    assert_eq!(answer(pieces(cuts, bytes)), whole);
    assert_eq!(answer(bytes.chunks(1)), whole);
    let Ok(whole) = whole else { return };
    assert!((100..1000).contains(&whole.status) || whole.status < 100);
    assert!(whole.body.len() <= bytes.len());
    for (name, value) in &whole.headers {
        assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()), "{name:?}");
        assert!(!value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{value:?}");
    }
    if !whole.reusable {
        return;
    }
    // What ends where it says has no use for what follows.
    let more = [bytes, b"HTTP/1.1 200 OK\r\n\r\n"].concat();
    assert_eq!(answer([&*more]), Ok(Answer { reusable: false, ..whole }));
    assert!(answer([&bytes[..bytes.len() - 1]]).is_err(), "it was over before its end");
}

/// A body comes out of its answer as it was put in.
fn reads_what_was_written(cuts: &[u8], body: &[u8]) {
    let expected =
        |status| Ok(Answer { status, headers: Vec::new(), body: body.to_vec(), reusable: true });
    let without_headers = |answer: Result<Answer, String>| {
        answer.map(|answer| Answer { headers: Vec::new(), ..answer })
    };

    let head = format!("HTTP/1.1 200 OK\r\nX: y\r\ncontent-length: {}\r\n\r\n", body.len());
    let counted = [head.as_bytes(), body].concat();
    assert_eq!(without_headers(answer(pieces(cuts, &counted))), expected(200));

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
    assert_eq!(without_headers(answer(pieces(cuts, &chunked))), expected(413));

    let lasting = [b"HTTP/1.1 200\r\n\r\n", body].concat();
    let lasting = answer(pieces(cuts, &lasting));
    assert_eq!(lasting, expected(200).map(|answer| Answer { reusable: false, ..answer }));
}

/// Cuts `bytes` into pieces: their lengths are `cuts`, over and over.
fn pieces<'b>(cuts: &'b [u8], mut bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
    let mut cuts = cuts.iter().cycle();
    std::iter::from_fn(move || {
        let cut = usize::from(*cuts.next()?).max(1).min(bytes.len());
        let (piece, rest) = bytes.split_at(cut);
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
