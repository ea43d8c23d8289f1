//! One kept-alive connection: one request, one response, and again.
//!
//! Responses are read into one buffer, which is used again for the next, and are handed out as
//! slices of it.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::parser::{Http1Error, ParsedResponse, ResponseParser};

/// The initial size of the buffer, enough for most events.
const FIRST_READ: usize = 16 * 1024;

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    /// `None` if there cannot be another exchange.
    socket: Option<TcpStream>,
    buffer: Buffer,
    parser: ResponseParser,
}

impl Connection {
    /// Connects to the first of `addresses` that accepts.
    pub(crate) fn open(addresses: &[SocketAddr]) -> io::Result<Self> {
        Ok(Self {
            socket: Some(connect(addresses)?),
            buffer: Buffer { bytes: vec![0; FIRST_READ], filled: 0 },
            parser: ResponseParser::default(),
        })
    }

    /// Connects again. The buffer stays.
    pub(crate) fn reopen(&mut self, addresses: &[SocketAddr]) -> io::Result<()> {
        // The old socket is closed first.
        self.socket = None;
        self.socket = Some(connect(addresses)?);
        Ok(())
    }

    /// Tells whether another request can be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// Takes the socket out, for a request that is sent while the last response is still in use.
    pub(crate) fn take_socket(&mut self) -> Option<TcpStream> {
        self.socket.take()
    }

    /// Puts the socket back.
    pub(crate) fn set_socket(&mut self, socket: Option<TcpStream>) {
        self.socket = socket;
    }

    /// Sends a request, `head` with its empty line and `body`, and reads the response.
    ///
    /// A server can respond before it has read all of a body that it refuses, and read no more.
    ///
    /// The connection is closed after an error, and after a response that asks for it or arrives
    /// early.
    ///
    /// # Cancel safety
    /// The connection is closed.
    pub(crate) async fn exchange(&mut self, head: &[u8], body: &[u8]) -> Result<(), Http1Error> {
        let Self { socket: slot, buffer, parser } = self;
        let mut socket = slot.take().ok_or(Http1Error::Closed(None))?;
        buffer.filled = 0;
        parser.begin();
        let mut slices = [IoSlice::new(head), IoSlice::new(body)];
        let mut unsent = slices.as_mut_slice();
        let mut send_error = None;
        // Skips empty slices at the start.
        IoSlice::advance_slices(&mut unsent, 0);
        while let Some(needed) = parser.parse(buffer.filled_mut())? {
            buffer.make_room_for(needed);
            let filled = buffer.filled;
            let read = poll_fn(|task| {
                if send_error.is_none()
                    && let Poll::Ready(Err(error)) = poll_write(&mut socket, &mut unsent, task)
                {
                    send_error = Some(error);
                }
                buffer.poll_fill(&mut socket, task)
            });
            match read.await {
                Ok(0) => match parser.end(filled) {
                    Ok(()) => break,
                    Err(error) => return Err(with_send_error(error, send_error)),
                },
                Ok(_) => {}
                Err(error) if filled == 0 => {
                    return Err(with_send_error(Http1Error::Closed(Some(error)), send_error));
                }
                Err(error) => return Err(Http1Error::Io(error)),
            }
        }
        if unsent.is_empty() && parser.is_reusable(buffer.filled) {
            *slot = Some(socket);
        }
        Ok(())
    }

    /// Reads the response to a request that was sent already.
    ///
    /// # Errors
    /// As [`Connection::exchange`].
    pub(crate) async fn receive(&mut self) -> Result<(), Http1Error> {
        self.exchange(&[], &[]).await
    }

    /// Returns the response of the last exchange.
    pub(crate) fn response(&self) -> ParsedResponse<'_> {
        self.parser.response(self.buffer.filled())
    }
}

/// Connects to the first of `addresses` that accepts.
pub(crate) fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    // Blocking is fine: nothing else can go on without a connection, and on loopback it takes no
    // time.
    let socket = std::net::TcpStream::connect(addresses)?;
    socket.set_nodelay(true)?;
    socket.set_nonblocking(true)?;
    TcpStream::from_std(socket)
}

/// Makes a second handle of a socket, for code that blocks.
pub(crate) fn duplicate(socket: &TcpStream) -> io::Result<std::net::TcpStream> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(socket).try_clone_to_owned()?;
    #[cfg(windows)]
    let handle = std::os::windows::io::AsSocket::as_socket(socket).try_clone_to_owned()?;
    Ok(handle.into())
}

/// Sends as much of `slices` as the socket takes, and removes that from them. Ready when all is
/// sent.
#[expect(clippy::mut_mut, reason = "the list is shortened in the caller")]
pub(crate) fn poll_write(
    socket: &mut TcpStream,
    slices: &mut &mut [IoSlice<'_>],
    task: &mut task::Context<'_>,
) -> Poll<io::Result<()>> {
    while !slices.is_empty() {
        match ready!(Pin::new(&mut *socket).poll_write_vectored(task, slices)) {
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Ok(written) => IoSlice::advance_slices(slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
    Poll::Ready(Ok(()))
}

/// Adds the reason why a request could not be sent to an error that has none.
fn with_send_error(error: Http1Error, send_error: Option<io::Error>) -> Http1Error {
    match (error, send_error) {
        (Http1Error::Closed(_), Some(send_error)) => Http1Error::Closed(Some(send_error)),
        (error, _) => error,
    }
}

/// Bytes read from a socket, `filled` of them; the rest is room, always initialised.
#[derive(Debug)]
struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
}

#[expect(clippy::indexing_slicing, reason = "`filled` is never more than the length")]
impl Buffer {
    fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    fn filled_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.filled]
    }

    /// Makes room for `count` bytes in total.
    fn make_room_for(&mut self, count: usize) {
        if count > self.bytes.len() {
            // Doubles a buffer that is full: growing by single bytes would take too long.
            let count = if count == self.filled + 1 { self.filled * 2 } else { count };
            self.bytes.resize(count, 0);
        }
    }

    /// Reads once, at most into the room that there is. Returns the number of bytes, 0 at the end.
    fn poll_fill(
        &mut self,
        socket: &mut TcpStream,
        task: &mut task::Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut room = ReadBuf::new(&mut self.bytes[self.filled..]);
        let result = Pin::new(socket).poll_read(task, &mut room);
        let count = room.filled().len();
        self.filled += count;
        result.map(|result| result.map(|()| count))
    }
}
