//! HTTP/1.1, as far as the Runtime API needs it: one request, one answer, one kept-alive
//! connection.
//!
//! The answer is read into one buffer that is used again for the next, and is handed out as slices
//! of it.

mod reader;

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

pub(crate) use self::reader::{Answer, Error, Reader};

/// The size of the buffer at first: most events fit.
const FIRST_READ: usize = 16 * 1024;

/// One kept-alive connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Buffer,
    reader: Reader,
    reusable: bool,
}

impl Connection {
    /// Connects to the first of `addresses` that accepts.
    pub(crate) fn open(addresses: &[SocketAddr]) -> io::Result<Self> {
        Ok(Self {
            stream: connect(addresses)?,
            buffer: Buffer { bytes: vec![0; FIRST_READ], filled: 0 },
            reader: Reader::default(),
            reusable: true,
        })
    }

    /// Whether another request may be sent.
    pub(crate) fn is_reusable(&self) -> bool {
        self.reusable
    }

    /// Sends a request, `head` with its empty line and `body`, and reads the answer.
    ///
    /// A server may answer before it has read all of a body that it refuses, and read no more.
    ///
    /// After an error, and after an answer that says so or came early, the connection is no longer
    /// reusable.
    pub(crate) async fn exchange(&mut self, head: &[u8], body: &[u8]) -> Result<(), Error> {
        let Self { stream, buffer, reader, reusable } = self;
        *reusable = false;
        buffer.filled = 0;
        reader.begin();
        let mut slices = [IoSlice::new(head), IoSlice::new(body)];
        let mut unsent = slices.as_mut_slice();
        let mut not_sent = None;
        // Skips those that are empty at the start.
        IoSlice::advance_slices(&mut unsent, 0);
        while let Some(needed) = reader.read(buffer.filled_mut())? {
            buffer.make_room_for(needed);
            let filled = buffer.filled;
            let read = poll_fn(|task| {
                if not_sent.is_none()
                    && let Poll::Ready(Err(error)) = poll_write(stream, &mut unsent, task)
                {
                    not_sent = Some(error);
                }
                buffer.poll_fill(stream, task)
            });
            match read.await {
                Ok(0) => match reader.end(filled) {
                    Ok(()) => break,
                    Err(error) => return Err(first(not_sent, error)),
                },
                Ok(_) => {}
                Err(error) if filled == 0 => {
                    return Err(first(not_sent, Error::Closed(Some(error))));
                }
                Err(error) => return Err(Error::Io(error)),
            }
        }
        *reusable = unsent.is_empty() && reader.is_reusable(buffer.filled);
        Ok(())
    }

    /// Reads the answer to a request that was sent already.
    ///
    /// # Errors
    /// As [`Connection::exchange`].
    pub(crate) async fn receive(&mut self) -> Result<(), Error> {
        self.exchange(&[], &[]).await
    }

    /// Gives the connection up: it is in the middle of a request that will not be finished.
    pub(crate) fn abandon(&mut self) {
        self.reusable = false;
    }

    /// The answer to the last exchange.
    pub(crate) fn answer(&self) -> Answer<'_> {
        self.reader.answer(self.buffer.filled())
    }

    /// The answer to the last exchange, and the socket for a request that is sent while the answer
    /// is still in use.
    pub(crate) fn answer_and_stream(&mut self) -> (Answer<'_>, &mut TcpStream) {
        (self.reader.answer(self.buffer.filled()), &mut self.stream)
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
    poll_fn(|task| poll_write(stream, &mut slices, task)).await
}

/// Sends what it can of `slices`, and takes it away from them; it is ready when all is sent.
#[expect(clippy::mut_mut, reason = "what is sent is taken away from the list")]
fn poll_write(
    stream: &mut TcpStream,
    slices: &mut &mut [IoSlice<'_>],
    task: &mut task::Context<'_>,
) -> Poll<io::Result<()>> {
    while !slices.is_empty() {
        match ready!(Pin::new(&mut *stream).poll_write_vectored(task, slices)) {
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Ok(written) => IoSlice::advance_slices(slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
    Poll::Ready(Ok(()))
}

/// That a request could not be sent, where there is no answer that says more.
fn first(not_sent: Option<io::Error>, error: Error) -> Error {
    match (not_sent, error) {
        (Some(not_sent), Error::Closed(_)) => Error::Closed(Some(not_sent)),
        (_, error) => error,
    }
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

    fn filled_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.filled).unwrap_or_default()
    }

    /// Makes room for at least `count` bytes, those included that are there.
    fn make_room_for(&mut self, count: usize) {
        if count > self.bytes.len() {
            // By steps of one it would be grown again and again.
            let count = if count == self.filled + 1 { self.filled * 2 } else { count };
            self.bytes.resize(count, 0);
        }
    }

    /// Reads once, as much as there is room for: the number of bytes, 0 at the end.
    fn poll_fill(
        &mut self,
        stream: &mut TcpStream,
        task: &mut task::Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut room = ReadBuf::new(self.bytes.get_mut(self.filled..).unwrap_or_default());
        let result = Pin::new(stream).poll_read(task, &mut room);
        let count = room.filled().len();
        self.filled += count;
        result.map(|result| result.map(|()| count))
    }
}
