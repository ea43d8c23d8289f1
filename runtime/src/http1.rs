//! HTTP/1.1 framing, as far as the Runtime API needs it: one request, one answer, one kept-alive
//! connection.
//!
//! The answer is read into one buffer that is used again for the next, and is handed out as slices
//! of it. Heads are parsed by `httparse`; bodies may be counted, chunked, or last until the
//! connection ends.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::ops::Range;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The most header lines that an answer may have.
const MAX_HEADERS: usize = 96;
/// The most bytes that the head of an answer may have, and the trailer of a chunked one.
const MAX_HEAD: usize = 64 * 1024;
/// The most bytes that a body may have: events are at most 6 MB.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// The most bytes that the size line of a chunk may have, extensions included.
const MAX_CHUNK_LINE: usize = 4 * 1024;
/// The size of the buffer at first: most events fit.
const FIRST_READ: usize = 16 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Error {
    /// The socket failed, or ended in the middle of an answer.
    Io(io::Error),
    /// The peer ended the connection before the first byte of an answer.
    Closed,
    /// What the peer sent is not an answer in HTTP/1.1.
    Malformed(&'static str),
}

impl Error {
    /// Whether the connection ended before any byte of an answer.
    pub(crate) fn is_before_the_answer(&self) -> bool {
        match self {
            Self::Closed => true,
            Self::Io(error) => matches!(
                error.kind(),
                io::ErrorKind::BrokenPipe
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::NotConnected
            ),
            Self::Malformed(_) => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => formatter.write_str("the connection failed"),
            Self::Closed => formatter.write_str("the connection was closed without an answer"),
            Self::Malformed(what) => write!(formatter, "the answer is not valid HTTP/1.1: {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Closed | Self::Malformed(_) => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An answer, borrowed from the connection's buffer.
#[derive(Debug)]
pub(crate) struct Answer<'c> {
    pub(crate) status: u16,
    headers: &'c [Header],
    bytes: &'c [u8],
    pub(crate) body: &'c [u8],
}

impl<'c> Answer<'c> {
    /// The header lines in the order in which they came, names as they were written.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'c str, &'c [u8])> {
        let bytes = self.bytes;
        self.headers.iter().filter_map(|header| {
            let name = std::str::from_utf8(bytes.get(header.name.clone())?).ok()?;
            Some((name, bytes.get(header.value.clone())?))
        })
    }
}

/// Where a header line lies in the buffer.
#[derive(Debug)]
struct Header {
    name: Range<usize>,
    value: Range<usize>,
}

/// What the head of an answer says.
#[derive(Debug)]
struct Head {
    status: u16,
    length: usize,
    body: Framing,
    keep_alive: bool,
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Counted(usize),
    Chunked,
    UntilClosed,
}

/// One kept-alive connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Buffer,
    headers: Vec<Header>,
    status: u16,
    body: Range<usize>,
    reusable: bool,
}

impl Connection {
    /// Connects to the first of `addresses` that accepts.
    pub(crate) fn open(addresses: &[SocketAddr]) -> io::Result<Self> {
        Ok(Self {
            stream: connect(addresses)?,
            buffer: Buffer { bytes: vec![0; FIRST_READ], filled: 0 },
            headers: Vec::new(),
            status: 0,
            body: 0..0,
            reusable: true,
        })
    }

    /// Whether another request may be sent.
    pub(crate) fn is_reusable(&self) -> bool {
        self.reusable
    }

    /// Sends a request, `head` with its empty line and `body`, and reads the answer.
    ///
    /// After an error, and after an answer that says so, the connection is no longer reusable.
    pub(crate) async fn exchange(&mut self, head: &[u8], body: &[u8]) -> Result<(), Error> {
        let mut slices = [IoSlice::new(head), IoSlice::new(body)];
        let written = write_all(&mut self.stream, &mut slices).await;
        let answer = self.receive().await;
        // A peer that refuses a body answers and stops reading: its answer, if there is one, says
        // more than the failed write.
        match written {
            Err(error) if answer.is_err() => Err(Error::Io(error)),
            _ => answer,
        }
    }

    /// Reads the answer to a request that was sent already.
    ///
    /// # Errors
    /// As [`Connection::exchange`].
    pub(crate) async fn receive(&mut self) -> Result<(), Error> {
        self.reusable = false;
        self.buffer.filled = 0;
        let head = self.read_head().await?;
        let (body, end) = self.read_body(&head).await?;
        self.reusable = head.keep_alive && end == self.buffer.filled;
        self.status = head.status;
        self.body = body;
        Ok(())
    }

    /// Gives the connection up: it is in the middle of a request that will not be finished.
    pub(crate) fn abandon(&mut self) {
        self.reusable = false;
    }

    /// The answer to the last exchange.
    pub(crate) fn answer(&self) -> Answer<'_> {
        answer(self.status, &self.headers, &self.buffer, &self.body)
    }

    /// The answer to the last exchange, and the socket for a request that is sent while the answer
    /// is still in use.
    pub(crate) fn answer_and_stream(&mut self) -> (Answer<'_>, &mut TcpStream) {
        (answer(self.status, &self.headers, &self.buffer, &self.body), &mut self.stream)
    }

    /// Reads the head of the answer; the bytes of interim answers (`100 Continue`) are dropped.
    async fn read_head(&mut self) -> Result<Head, Error> {
        loop {
            if let Some(head) = parse_head(self.buffer.filled(), &mut self.headers)? {
                if head.status != 101 && (100..200).contains(&head.status) {
                    self.buffer.discard(head.length);
                    continue;
                }
                return Ok(head);
            }
            if self.buffer.filled >= MAX_HEAD {
                return Err(Error::Malformed("the head is longer than 64 KiB"));
            }
            if self.buffer.fill(&mut self.stream).await? == 0 {
                return Err(match self.buffer.filled {
                    0 => Error::Closed,
                    _ => cut_short(),
                });
            }
        }
    }

    /// Reads the body: where it lies, and where the answer ends.
    async fn read_body(&mut self, head: &Head) -> Result<(Range<usize>, usize), Error> {
        match head.body {
            Framing::Counted(length) => {
                let end = head.length.saturating_add(length);
                self.buffer.fill_to(&mut self.stream, end).await?;
                Ok((head.length..end, end))
            }
            Framing::Chunked => self.read_chunks(head.length).await,
            Framing::UntilClosed => {
                while self.buffer.fill(&mut self.stream).await? > 0 {
                    if self.buffer.filled - head.length > MAX_BODY {
                        return Err(Error::Malformed("the body is longer than 64 MiB"));
                    }
                }
                Ok((head.length..self.buffer.filled, self.buffer.filled))
            }
        }
    }

    /// Reads the chunks from `start` on and moves them together in place.
    async fn read_chunks(&mut self, start: usize) -> Result<(Range<usize>, usize), Error> {
        let mut body_end = start;
        let mut next = start;
        loop {
            let (line, size) = self.read_chunk_size(next).await?;
            let data = next.saturating_add(line);
            if size == 0 {
                return Ok((start..body_end, self.read_trailer(data).await?));
            }
            if size > MAX_BODY - (body_end - start) {
                return Err(Error::Malformed("the body is longer than 64 MiB"));
            }
            let data_end = data.saturating_add(size);
            next = data_end.saturating_add(2);
            self.buffer.fill_to(&mut self.stream, next).await?;
            if self.buffer.get(data_end..next)? != b"\r\n" {
                return Err(Error::Malformed("a chunk is longer than its size says"));
            }
            self.buffer.bytes.copy_within(data..data_end, body_end);
            body_end += size;
        }
    }

    /// The length of the size line at `at`, and the size that it says.
    async fn read_chunk_size(&mut self, at: usize) -> Result<(usize, usize), Error> {
        loop {
            let line = self.buffer.get(at..self.buffer.filled)?;
            match httparse::parse_chunk_size(line) {
                Ok(httparse::Status::Complete((length, size))) => {
                    let size = usize::try_from(size)
                        .map_err(|_| Error::Malformed("the body is longer than 64 MiB"))?;
                    return Ok((length, size));
                }
                Ok(httparse::Status::Partial) if line.len() < MAX_CHUNK_LINE => {}
                Ok(httparse::Status::Partial) | Err(_) => {
                    return Err(Error::Malformed("the size of a chunk cannot be read"));
                }
            }
            if self.buffer.fill(&mut self.stream).await? == 0 {
                return Err(cut_short());
            }
        }
    }

    /// Reads over the trailer that begins at `at`, up to its empty line: where the answer ends.
    async fn read_trailer(&mut self, at: usize) -> Result<usize, Error> {
        let mut line = at;
        loop {
            let rest = self.buffer.get(line..self.buffer.filled)?;
            match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    let empty = matches!(rest.get(..end), Some(b"" | b"\r"));
                    line += end + 1;
                    if empty {
                        return Ok(line);
                    }
                }
                None if self.buffer.filled - at >= MAX_HEAD => {
                    return Err(Error::Malformed("the trailer is longer than 64 KiB"));
                }
                None => {
                    if self.buffer.fill(&mut self.stream).await? == 0 {
                        return Err(cut_short());
                    }
                }
            }
        }
    }
}

/// Connects to the first of `addresses` that accepts.
pub(crate) fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    // Blocking: nothing else can go on before there is a connection, and on loopback it is there at
    // once.
    let stream = std::net::TcpStream::connect(addresses)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    TcpStream::from_std(stream)
}

/// Sends all of `slices`, one after the other.
pub(crate) async fn write_all(
    stream: &mut TcpStream,
    mut slices: &mut [IoSlice<'_>],
) -> io::Result<()> {
    // Skips those that are empty at the start.
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match poll_fn(|task| Pin::new(&mut *stream).poll_write_vectored(task, slices)).await {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The answer that lies in `buffer`.
fn answer<'c>(
    status: u16,
    headers: &'c [Header],
    buffer: &'c Buffer,
    body: &Range<usize>,
) -> Answer<'c> {
    let bytes = buffer.filled();
    Answer { status, headers, bytes, body: bytes.get(body.clone()).unwrap_or_default() }
}

/// Reads the head of an answer, `None` while it is not complete, and notes where its header lines
/// lie.
fn parse_head(bytes: &[u8], headers: &mut Vec<Header>) -> Result<Option<Head>, Error> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut lines);
    let length = match answer.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Error::Malformed("the head has more than 96 lines"));
        }
        Err(_) => return Err(Error::Malformed("the head cannot be read")),
    };
    let status = answer.code.unwrap_or_default();
    // A connection of HTTP/1.0 ends after the answer unless it is said to stay.
    let mut keep_alive = answer.version == Some(1);
    let mut content_length = None;
    let mut chunked = false;
    headers.clear();
    for line in answer.headers.iter() {
        if line.name.eq_ignore_ascii_case("content-length") {
            let value = parse_length(line.value)?;
            if content_length.replace(value).is_some_and(|other| other != value) {
                return Err(Error::Malformed("two lines give different lengths"));
            }
        } else if line.name.eq_ignore_ascii_case("transfer-encoding") {
            if !line.value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Error::Malformed("its transfer encoding is not `chunked`"));
            }
            chunked = true;
        } else if line.name.eq_ignore_ascii_case("connection") {
            let value = line.value.trim_ascii();
            if value.eq_ignore_ascii_case(b"close") {
                keep_alive = false;
            } else if value.eq_ignore_ascii_case(b"keep-alive") {
                keep_alive = true;
            }
        }
        headers.push(Header {
            name: span(bytes, line.name.as_bytes()),
            value: span(bytes, line.value),
        });
    }
    let body = match (status, chunked, content_length) {
        // These never have a body (RFC 9110, section 6.4.1).
        (100..=199 | 204 | 304, ..) => Framing::Counted(0),
        // What is both is an attempt to smuggle (RFC 9112, section 6.3).
        (_, true, Some(_)) => return Err(Error::Malformed("it is both counted and chunked")),
        (_, true, None) => Framing::Chunked,
        (_, false, Some(length)) => Framing::Counted(length),
        (_, false, None) => Framing::UntilClosed,
    };
    keep_alive &= body != Framing::UntilClosed;
    Ok(Some(Head { status, length, body, keep_alive }))
}

fn parse_length(value: &[u8]) -> Result<usize, Error> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Error::Malformed("its length is not a number"));
    }
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .filter(|length| *length <= MAX_BODY)
        .ok_or(Error::Malformed("the body is longer than 64 MiB"))
}

/// Where `part`, a slice of `whole`, lies in it.
fn span(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start + part.len()
}

fn cut_short() -> Error {
    Error::Io(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the connection ended in the middle of an answer",
    ))
}

/// Bytes read from a socket, `filled` of them; the rest is room, always initialised.
#[derive(Debug)]
struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    fn filled(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    fn get(&self, range: Range<usize>) -> Result<&[u8], Error> {
        self.filled().get(range).ok_or_else(cut_short)
    }

    /// Drops the first `count` bytes.
    fn discard(&mut self, count: usize) {
        let count = count.min(self.filled);
        self.bytes.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    /// Reads once, as much as there is room for: the number of bytes, 0 at the end.
    async fn fill(&mut self, stream: &mut TcpStream) -> io::Result<usize> {
        if self.filled == self.bytes.len() {
            self.bytes.resize(self.bytes.len().saturating_mul(2), 0);
        }
        let room = self.bytes.get_mut(self.filled..).unwrap_or_default();
        let count = poll_fn(|task| {
            let mut room = ReadBuf::new(room);
            Pin::new(&mut *stream)
                .poll_read(task, &mut room)
                .map(|result| result.map(|()| room.filled().len()))
        })
        .await?;
        self.filled += count;
        Ok(count)
    }

    /// Reads until `end` bytes are there.
    async fn fill_to(&mut self, stream: &mut TcpStream, end: usize) -> Result<(), Error> {
        if end > self.bytes.len() {
            self.bytes.resize(end, 0);
        }
        while self.filled < end {
            if self.fill(stream).await? == 0 {
                return Err(cut_short());
            }
        }
        Ok(())
    }
}
