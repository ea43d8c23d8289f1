//! The framing of responses in HTTP/1.1, as far as the Runtime API needs it.
//!
//! A [`ResponseParser`] finds the parts of a response in the bytes that have arrived. It knows nothing
//! of sockets: bytes in, "more" or "done" out, and the result does not depend on the pieces in which
//! the bytes arrived. Heads are parsed by `httparse`; a body is counted, chunked, or lasts until the
//! connection ends.

use std::fmt;
use std::io;
use std::ops::Range;

/// The most header lines of a response.
const MAX_HEADERS: usize = 96;
const TOO_MANY_HEADERS: Http1Error = Http1Error::Malformed("the head has more than 96 lines");
/// The most bytes of a head, together with the interim responses before it, and of the trailer of a
/// chunked response. Lambda states no limit for the headers of an event; this only bounds what a peer
/// that is not Lambda can make the process allocate.
const MAX_HEAD: usize = 1024 * 1024;
const HEAD_TOO_LONG: Http1Error = Http1Error::Malformed("the head is longer than 1 MiB");
const TRAILER_TOO_LONG: Http1Error = Http1Error::Malformed("the trailer is longer than 1 MiB");
/// The most bytes of a body. Lambda sends at most 6 MB; this only bounds what a peer that is not
/// Lambda can make the process allocate.
const MAX_BODY: usize = 64 * 1024 * 1024;
const BODY_TOO_LONG: Http1Error = Http1Error::Malformed("the body is longer than 64 MiB");
/// The most bytes of the size line of a chunk, extensions included.
const MAX_CHUNK_LINE: usize = 4 * 1024;

/// An exchange without a response.
#[derive(Debug)]
pub(crate) enum Http1Error {
    /// The connection ended before the first byte of a response.
    Closed(Option<io::Error>),
    /// The connection failed in the middle of a response.
    Io(io::Error),
    /// The peer sent something other than a response in HTTP/1.1.
    Malformed(&'static str),
}

impl Http1Error {
    pub(crate) fn is_before_the_response(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl fmt::Display for Http1Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(_) => formatter.write_str("the connection was closed without a response"),
            Self::Io(_) => formatter.write_str("the connection failed"),
            Self::Malformed(what) => {
                write!(formatter, "the response is not valid HTTP/1.1: {what}")
            }
        }
    }
}

impl std::error::Error for Http1Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Closed(Some(error)) | Self::Io(error) => Some(error),
            Self::Closed(None) | Self::Malformed(_) => None,
        }
    }
}

/// A response, borrowed from the bytes that it was found in.
#[derive(Debug)]
pub(crate) struct ParsedResponse<'c> {
    pub(crate) status: u16,
    headers: &'c [HeaderRange],
    bytes: &'c [u8],
    pub(crate) body: &'c [u8],
}

impl<'c> ParsedResponse<'c> {
    /// Returns the names and values of the header lines, as they were sent and in that order.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'c [u8], &'c [u8])> + use<'c> {
        let bytes = self.bytes;
        self.headers.iter().map(|header| (slice(bytes, &header.name), slice(bytes, &header.value)))
    }
}

/// The position of a header line among the bytes.
#[derive(Debug)]
struct HeaderRange {
    name: Range<usize>,
    value: Range<usize>,
}

/// Finds a response among bytes.
#[derive(Debug, Default)]
pub(crate) struct ResponseParser {
    state: ParserState,
    status: u16,
    headers: Vec<HeaderRange>,
    keep_alive: bool,
    /// The body; if it is chunked, the part whose chunks are joined so far.
    body: Range<usize>,
}

/// The state of the parser. The numbers are positions in the received bytes.
#[derive(Clone, Copy, Debug)]
enum ParserState {
    /// At the head of the response, or of an interim one before it.
    Head { start: usize },
    /// In a body whose end is known.
    Counted,
    /// In a body that lasts until the connection ends.
    UntilClosed,
    /// At the size line of a chunk.
    ChunkSize { start: usize },
    /// In the data of a chunk.
    Chunk { start: usize, end: usize },
    /// At a line of the trailer.
    Trailer { start: usize, line: usize },
    /// Behind the response.
    Done { end: usize },
}

impl Default for ParserState {
    fn default() -> Self {
        Self::Head { start: 0 }
    }
}

impl ResponseParser {
    /// Begins with another response, among other bytes.
    pub(crate) fn begin(&mut self) {
        self.state = ParserState::default();
    }

    /// Parses `bytes`, which are those of the previous call, as it left them, and more. Chunks are
    /// joined in place.
    ///
    /// Returns the number of bytes that are needed to go on, or `None` if the response is complete.
    pub(crate) fn parse(&mut self, bytes: &mut [u8]) -> Result<Option<usize>, Http1Error> {
        let one_more = Ok(Some(bytes.len() + 1));
        loop {
            self.state = match self.state {
                ParserState::Head { start } => match self.parse_head(bytes, start)? {
                    Some(next) => next,
                    None => return one_more,
                },
                ParserState::Counted if bytes.len() < self.body.end => {
                    return Ok(Some(self.body.end));
                }
                ParserState::Counted => ParserState::Done { end: self.body.end },
                ParserState::UntilClosed
                    if bytes.len().saturating_sub(self.body.start) > MAX_BODY =>
                {
                    return Err(BODY_TOO_LONG);
                }
                ParserState::UntilClosed => return one_more,
                // The framing must not outgrow what it frames.
                ParserState::ChunkSize { start } if start > 2 * MAX_BODY => {
                    return Err(BODY_TOO_LONG);
                }
                ParserState::ChunkSize { start } => {
                    match parse_chunk_size(window(bytes, start, start + MAX_CHUNK_LINE))? {
                        None => return one_more,
                        Some((line, 0)) => {
                            ParserState::Trailer { start: start + line, line: start + line }
                        }
                        Some((_, size)) if size > MAX_BODY - self.body.len() => {
                            return Err(BODY_TOO_LONG);
                        }
                        Some((line, size)) => {
                            ParserState::Chunk { start: start + line, end: start + line + size }
                        }
                    }
                }
                ParserState::Chunk { start, end } => match bytes.get(end..end + 2) {
                    None => return Ok(Some(end + 2)),
                    Some(b"\r\n") => {
                        bytes.copy_within(start..end, self.body.end);
                        self.body.end += end - start;
                        ParserState::ChunkSize { start: end + 2 }
                    }
                    Some(_) => {
                        return Err(Http1Error::Malformed("a chunk is longer than its size"));
                    }
                },
                ParserState::Trailer { start, line } => {
                    let rest = window(bytes, line, start + MAX_HEAD);
                    match rest.iter().position(|byte| *byte == b'\n') {
                        Some(end) if matches!(rest.get(..end), Some(b"" | b"\r")) => {
                            ParserState::Done { end: line + end + 1 }
                        }
                        Some(end) => ParserState::Trailer { start, line: line + end + 1 },
                        None if bytes.len() < start + MAX_HEAD => return one_more,
                        None => {
                            return Err(TRAILER_TOO_LONG);
                        }
                    }
                }
                ParserState::Done { .. } => return Ok(None),
            };
        }
    }

    /// Notes that the connection ended after `count` bytes.
    pub(crate) fn end(&mut self, count: usize) -> Result<(), Http1Error> {
        match self.state {
            ParserState::UntilClosed => {
                self.body.end = count;
                self.state = ParserState::Done { end: count };
                Ok(())
            }
            ParserState::Done { .. } => Ok(()),
            _ if count == 0 => Err(Http1Error::Closed(None)),
            _ => Err(Http1Error::Io(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the connection ended in the middle of a response",
            ))),
        }
    }

    /// Tells whether the connection can carry another request after the `count` bytes that arrived:
    /// the server keeps it open, and has sent nothing behind the response.
    pub(crate) fn is_reusable(&self, count: usize) -> bool {
        self.keep_alive && matches!(self.state, ParserState::Done { end } if end == count)
    }

    /// Returns the response, once it is complete, from the `bytes` that it was found in.
    pub(crate) fn response<'c>(&'c self, bytes: &'c [u8]) -> ParsedResponse<'c> {
        let body = slice(bytes, &self.body);
        ParsedResponse { status: self.status, headers: &self.headers, bytes, body }
    }

    /// Parses the head at `start`. Returns the state after it, or `None` if the head is incomplete.
    fn parse_head(
        &mut self,
        bytes: &[u8],
        start: usize,
    ) -> Result<Option<ParserState>, Http1Error> {
        let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Response::new(&mut lines);
        let end = match head.parse(window(bytes, start, MAX_HEAD)) {
            Ok(httparse::Status::Complete(length)) => start + length,
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => return Ok(None),
            Ok(httparse::Status::Partial) => {
                return Err(HEAD_TOO_LONG);
            }
            Err(httparse::Error::TooManyHeaders) => {
                return Err(TOO_MANY_HEADERS);
            }
            Err(_) => return Err(Http1Error::Malformed("the head cannot be read")),
        };
        self.status = head.code.unwrap_or_default();
        // Interim responses, `100 Continue` and others, are skipped.
        if self.status != 101 && (100..200).contains(&self.status) {
            return Ok(Some(ParserState::Head { start: end }));
        }

        let is_1_1 = head.version == Some(1);
        let (mut stays, mut closes) = (is_1_1, false);
        let mut content_length = None;
        let mut chunked = false;
        self.headers.clear();
        for line in &*head.headers {
            if line.name.eq_ignore_ascii_case("content-length") {
                let value = parse_length(line.value)?;
                if content_length.replace(value).is_some_and(|other| other != value) {
                    return Err(Http1Error::Malformed("the `content-length` lines differ"));
                }
            } else if line.name.eq_ignore_ascii_case("transfer-encoding") {
                if chunked || !line.value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                    return Err(Http1Error::Malformed("the transfer encoding is not `chunked`"));
                }
                chunked = true;
            } else if line.name.eq_ignore_ascii_case("connection") {
                for option in line.value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    closes |= option.eq_ignore_ascii_case(b"close");
                    stays |= option.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            self.headers.push(HeaderRange {
                name: span(bytes, line.name.as_bytes()),
                value: span(bytes, line.value),
            });
        }

        self.keep_alive = stays && !closes;
        self.body = end..end;
        Ok(Some(match (self.status, chunked, content_length) {
            // These never have a body (RFC 9112, section 6.3).
            (101 | 204 | 304, ..) => ParserState::Counted,
            // A response that is both is an attempt at response smuggling.
            (_, true, Some(_)) => {
                return Err(Http1Error::Malformed("it has both a length and chunks"));
            }
            (_, true, None) => {
                // HTTP/1.0 has no chunks: a proxy has passed them on without understanding them.
                self.keep_alive &= is_1_1;
                ParserState::ChunkSize { start: end }
            }
            (_, false, Some(length)) => {
                self.body.end += length;
                ParserState::Counted
            }
            (_, false, None) => {
                self.keep_alive = false;
                ParserState::UntilClosed
            }
        }))
    }
}

/// Parses the line before a chunk. Returns the length of the line and the size of the chunk, or
/// `None` if the line is incomplete.
fn parse_chunk_size(bytes: &[u8]) -> Result<Option<(usize, usize)>, Http1Error> {
    const UNREADABLE: Http1Error = Http1Error::Malformed("the size of a chunk cannot be read");
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return if bytes.len() < MAX_CHUNK_LINE { Ok(None) } else { Err(UNREADABLE) };
    };
    let line = bytes.get(..end).and_then(|line| line.strip_suffix(b"\r")).ok_or(UNREADABLE)?;
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at_checked(digits).ok_or(UNREADABLE)?;
    // Extensions are ignored. A line break that only some parsers see in one would smuggle a chunk.
    if !matches!(rest.trim_ascii_start(), [] | [b';', ..]) || rest.contains(&b'\r') {
        return Err(UNREADABLE);
    }
    let digits = std::str::from_utf8(digits).map_err(|_| UNREADABLE)?;
    match usize::from_str_radix(digits, 16) {
        Ok(size) => Ok(Some((end + 1, size))),
        Err(_) if digits.is_empty() => Err(UNREADABLE),
        // It has more digits than fit into a `usize`.
        Err(_) => Ok(Some((end + 1, usize::MAX))),
    }
}

fn parse_length(value: &[u8]) -> Result<usize, Http1Error> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Http1Error::Malformed("the length is not a number"));
    }
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .filter(|length| *length <= MAX_BODY)
        .ok_or(BODY_TOO_LONG)
}

/// Returns the bytes from `start` on, at most up to `limit`.
fn window(bytes: &[u8], start: usize, limit: usize) -> &[u8] {
    slice(bytes, &(start..limit.min(bytes.len())))
}

#[expect(clippy::indexing_slicing, reason = "the parser has found the range in these bytes")]
fn slice<'b>(bytes: &'b [u8], range: &Range<usize>) -> &'b [u8] {
    &bytes[range.clone()]
}

/// Returns the position of `part`, a slice of `whole`.
fn span(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{MAX_HEAD, ResponseParser};

    /// Parses a response that arrives in pieces of `size` bytes before the connection ends.
    fn read(bytes: &[u8], size: usize) -> String {
        let mut parser = ResponseParser::default();
        parser.begin();
        let mut came = Vec::new();
        for piece in bytes.chunks(size) {
            came.extend_from_slice(piece);
            match parser.parse(&mut came) {
                Ok(Some(needed)) => assert!(needed > came.len()),
                Ok(None) => {}
                Err(error) => return error.to_string(),
            }
        }
        if let Err(error) = parser.end(came.len()) {
            return error.to_string();
        }
        let response = parser.response(&came);
        let body = String::from_utf8_lossy(response.body);
        let stays = if parser.is_reusable(came.len()) { "stays" } else { "goes" };
        format!("{} {body:?} {stays}", response.status)
    }

    #[track_caller]
    fn assert_reads(cases: &[(&str, &str, &str)]) {
        let names: BTreeSet<_> = cases.iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), cases.len(), "each case has a name of its own");
        for (name, bytes, expected) in cases {
            for size in [1, 2, 3, 7, usize::MAX] {
                assert_eq!(read(bytes.as_bytes(), size), *expected, "{name}, in pieces of {size}");
            }
        }
    }

    #[test]
    fn heads() {
        let unreadable = "the response is not valid HTTP/1.1: the head cannot be read";
        assert_reads(&[
            ("counted", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", r#"200 "ab" stays"#),
            ("no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", r#"200 "" stays"#),
            ("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nab", r#"200 "ab" stays"#),
            (
                "an empty line first",
                "\r\nHTTP/1.1 200 -\r\nContent-Length: 0\r\n\r\n",
                r#"200 "" stays"#,
            ),
            (
                "interim",
                "HTTP/1.1 100 -\r\n\r\nHTTP/1.1 103 -\r\nA: b\r\n\r\nHTTP/1.1 204 -\r\n\r\n",
                r#"204 "" stays"#,
            ),
            (
                "interim with a length",
                "HTTP/1.1 102 -\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 -\r\n\r\n",
                r#"204 "" stays"#,
            ),
            ("switching protocols", "HTTP/1.1 101 -\r\nUpgrade: x\r\n\r\n", r#"101 "" stays"#),
            (
                "no content, but a length",
                "HTTP/1.1 204 -\r\nContent-Length: 5\r\n\r\n",
                r#"204 "" stays"#,
            ),
            (
                "not modified, but chunked",
                "HTTP/1.1 304 -\r\nTransfer-Encoding: chunked\r\n\r\n",
                r#"304 "" stays"#,
            ),
            ("close", "HTTP/1.1 204 -\r\nConnection: close\r\n\r\n", r#"204 "" goes"#),
            (
                "close in a list",
                "HTTP/1.1 204 -\r\nConnection: x , CLOSE,y\r\n\r\n",
                r#"204 "" goes"#,
            ),
            (
                "close, then keep-alive",
                "HTTP/1.1 204 -\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
                r#"204 "" goes"#,
            ),
            ("1.0", "HTTP/1.0 204 -\r\n\r\n", r#"204 "" goes"#),
            (
                "1.0 that stays",
                "HTTP/1.0 204 -\r\nConnection: Keep-Alive\r\n\r\n",
                r#"204 "" stays"#,
            ),
            (
                "1.0 in chunks",
                "HTTP/1.0 200 -\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                r#"200 "" goes"#,
            ),
            ("until the end", "HTTP/1.1 200 -\r\n\r\nab\r\n", r#"200 "ab\r\n" goes"#),
            ("leftover bytes", "HTTP/1.1 200 -\r\nContent-Length: 1\r\n\r\nab", r#"200 "a" goes"#),
            ("another version", "HTTP/2 200\r\n\r\n", unreadable),
            ("another protocol", "SSH-2.0-x\r\n\r\n", unreadable),
            ("a request", "GET / HTTP/1.1\r\n\r\n", unreadable),
            ("a folded line", "HTTP/1.1 200 -\r\nA: b\r\n c\r\n\r\n", unreadable),
            (
                "a blank before the colon",
                "HTTP/1.1 200 -\r\nContent-Length : 1\r\n\r\na",
                unreadable,
            ),
            ("a line without colon", "HTTP/1.1 200 -\r\nContent-Length\r\n\r\n", unreadable),
            ("a blank before the name", "HTTP/1.1 200 -\r\n A: b\r\n\r\n", unreadable),
            ("a bare carriage return", "HTTP/1.1 200 -\r\nA: b\rC: d\r\n\r\n", unreadable),
            ("a zero byte", "HTTP/1.1 200 -\r\nA: b\0\r\n\r\n", unreadable),
            ("nothing", "", "the connection was closed without a response"),
            ("half a head", "HTTP/1.1 200 -\r\nA", "the connection failed"),
            (
                "half a body",
                "HTTP/1.1 200 -\r\nContent-Length: 2\r\n\r\na",
                "the connection failed",
            ),
            ("only interim", "HTTP/1.1 100 -\r\n\r\n", "the connection failed"),
        ]);
    }

    #[test]
    fn lengths() {
        let no_number = "the response is not valid HTTP/1.1: the length is not a number";
        let too_long = "the response is not valid HTTP/1.1: the body is longer than 64 MiB";
        let other = "the response is not valid HTTP/1.1: the `content-length` lines differ";
        for (lines, expected) in [
            ("content-length:2", r#"200 "ab" stays"#),
            ("CONTENT-LENGTH:\t 0002 \t", r#"200 "ab" stays"#),
            ("Content-Length: 2\r\nContent-Length: 2", r#"200 "ab" stays"#),
            ("Content-Length: 2\r\nContent-Length: 1", other),
            ("Content-Length: -2", no_number),
            ("Content-Length: +2", no_number),
            ("Content-Length: 0x2", no_number),
            ("Content-Length: 2, 2", no_number),
            ("Content-Length: 2 2", no_number),
            ("Content-Length: 2.0", no_number),
            ("Content-Length:", no_number),
            ("Content-Length: 67108865", too_long),
            ("Content-Length: 18446744073709551618", too_long),
        ] {
            let bytes = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\nab");
            assert_reads(&[(lines, &bytes, expected)]);
        }
    }

    #[test]
    fn encodings() {
        let other = "the response is not valid HTTP/1.1: the transfer encoding is not `chunked`";
        let both = "the response is not valid HTTP/1.1: it has both a length and chunks";
        for (lines, expected) in [
            ("Transfer-Encoding: chunked", r#"200 "" stays"#),
            ("transfer-encoding:CHUNKED ", r#"200 "" stays"#),
            ("Transfer-Encoding: gzip, chunked", other),
            ("Transfer-Encoding: chunked, gzip", other),
            ("Transfer-Encoding: identity", other),
            ("Transfer-Encoding:", other),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", other),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", both),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", both),
        ] {
            let bytes = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n0\r\n\r\n");
            assert_reads(&[(lines, &bytes, expected)]);
        }
    }

    #[test]
    fn chunks() {
        let unreadable = "the response is not valid HTTP/1.1: the size of a chunk cannot be read";
        let longer = "the response is not valid HTTP/1.1: a chunk is longer than its size";
        let too_long = "the response is not valid HTTP/1.1: the body is longer than 64 MiB";
        for (chunks, expected) in [
            ("0\r\n\r\n", r#"200 "" stays"#),
            ("2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", r#"200 "abc" stays"#),
            (
                "0A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
                r#"200 "01234567890123456789" stays"#,
            ),
            ("1;x\r\na\r\n1 ; y=\"z;\"\r\nb\r\n0;\r\n\r\n", r#"200 "ab" stays"#),
            ("00000000000000000000001\r\na\r\n0\r\n\r\n", r#"200 "a" stays"#),
            ("1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n", r#"200 "a" stays"#),
            ("0\r\n\r\nx", r#"200 "" goes"#),
            ("2\r\n\r\n\r\n0\r\n\r\n", r#"200 "\r\n" stays"#),
            // These would end the body for one reader and not for another.
            ("1\r\na\r\n\r\n\r\n", unreadable),
            ("1\na\r\n0\r\n\r\n", unreadable),
            ("1;x\ny\r\na\r\n0\r\n\r\n", unreadable),
            ("1;x\ry\r\na\r\n0\r\n\r\n", unreadable),
            (" 1\r\na\r\n0\r\n\r\n", unreadable),
            ("1 1\r\na\r\n0\r\n\r\n", unreadable),
            ("-1\r\na\r\n0\r\n\r\n", unreadable),
            ("+1\r\na\r\n0\r\n\r\n", unreadable),
            ("0x1\r\na\r\n0\r\n\r\n", unreadable),
            (";x\r\n\r\n", unreadable),
            ("xyz\r\n", unreadable),
            ("1\r\nab\r\n0\r\n\r\n", longer),
            ("1\r\na\n0\r\n\r\n", longer),
            ("4000001\r\na", too_long),
            ("1\r\na\r\n4000000\r\n", too_long),
            ("ffffffffffffffff\r\n", too_long),
            ("10000000000000000\r\n", too_long),
            ("", "the connection failed"),
            ("5", "the connection failed"),
            ("5\r\nabc", "the connection failed"),
            ("1\r\na\r\n", "the connection failed"),
            ("0\r\n", "the connection failed"),
            ("0\r\nA: b\r\n", "the connection failed"),
        ] {
            let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
            assert_reads(&[(chunks, &bytes, expected)]);
        }
    }

    #[test]
    fn limits() {
        let lines = |count: usize| "A: b\r\n".repeat(count);
        let too_long = "the response is not valid HTTP/1.1: the head is longer than 1 MiB";
        let head = |length: usize| {
            let rest = "HTTP/1.1 204 OK\r\nA: \r\n\r\n".len();
            format!("HTTP/1.1 204 OK\r\nA: {}\r\n\r\n", "b".repeat(length - rest))
        };
        let chunked =
            |rest: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{rest}");
        let trailer =
            |length: usize| chunked(&format!("0\r\nA: {}\r\n\r\n", "b".repeat(length - 7)));
        let extension = |length: usize| chunked(&format!("0;{}\r\n\r\n", "b".repeat(length - 4)));
        let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(MAX_HEAD / 25 + 1);
        for (name, bytes, expected) in [
            ("96 lines", format!("HTTP/1.1 204 OK\r\n{}\r\n", lines(96)), r#"204 "" stays"#),
            (
                "97 lines",
                format!("HTTP/1.1 204 OK\r\n{}\r\n", lines(97)),
                "the response is not valid HTTP/1.1: the head has more than 96 lines",
            ),
            ("a head of 1 MiB", head(MAX_HEAD), r#"204 "" stays"#),
            ("a head of one byte more", head(MAX_HEAD + 1), too_long),
            ("a head without end", head(3 * MAX_HEAD), too_long),
            ("interim responses without end", interim, too_long),
            ("a trailer of 1 MiB", trailer(MAX_HEAD), r#"200 "" stays"#),
            (
                "a trailer of one byte more",
                trailer(MAX_HEAD + 1),
                "the response is not valid HTTP/1.1: the trailer is longer than 1 MiB",
            ),
            ("a size line of 4 KiB", extension(4 * 1024), r#"200 "" stays"#),
            (
                "a size line of one byte more",
                extension(4 * 1024 + 1),
                "the response is not valid HTTP/1.1: the size of a chunk cannot be read",
            ),
        ] {
            for size in [16 * 1024, usize::MAX] {
                assert_eq!(read(bytes.as_bytes(), size), expected, "{name}, in pieces of {size}");
            }
        }
    }

    #[test]
    fn framing_does_not_outgrow_what_it_frames() {
        let chunk = format!("1;{}\r\na\r\n", "x".repeat(4 * 1024 - 4));
        let chunks = chunk.repeat(40_000);
        let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let refusal = "the response is not valid HTTP/1.1: the body is longer than 64 MiB";
        assert_eq!(read(bytes.as_bytes(), usize::MAX), refusal);
    }
}
