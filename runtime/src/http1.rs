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
use std::task::{self, Poll};

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
    /// After an error, and after an answer that says so, the connection is no longer reusable.
    pub(crate) async fn exchange(&mut self, head: &[u8], body: &[u8]) -> Result<(), Error> {
        let mut slices = [IoSlice::new(head), IoSlice::new(body)];
        let written = write_all(&mut self.stream, &mut slices).await;
        match (written, self.receive().await) {
            (Err(error), Err(Error::Closed(_))) => Err(Error::Closed(Some(error))),
            // A peer that refuses a body answers and stops reading: its answer, if there is one, says
            // more than the failed write.
            (Err(_), answer) => {
                self.reusable = false;
                answer
            }
            (Ok(()), answer) => answer,
        }
    }

    /// Reads the answer to a request that was sent already.
    ///
    /// # Errors
    /// As [`Connection::exchange`].
    pub(crate) async fn receive(&mut self) -> Result<(), Error> {
        let Self { stream, buffer, reader, reusable } = self;
        *reusable = false;
        buffer.filled = 0;
        reader.begin();
        while let Some(needed) = reader.read(buffer.filled_mut())? {
            buffer.make_room_for(needed);
            let filled = buffer.filled;
            match poll_fn(|task| buffer.poll_fill(stream, task)).await {
                Ok(0) => {
                    reader.end(filled)?;
                    break;
                }
                Ok(_) => {}
                Err(error) if filled == 0 => return Err(Error::Closed(Some(error))),
                Err(error) => return Err(Error::Io(error)),
            }
        }
        *reusable = reader.is_reusable(buffer.filled);
        Ok(())
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
