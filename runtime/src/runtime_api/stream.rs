//! Responses that are sent while they are being written.
//!
//! The Runtime API takes them as a chunked body. An error before the first byte is reported like any
//! other; an error after it goes into the trailer ("Streaming responses" in AWS's documentation of
//! the Runtime API).

use std::future::poll_fn;
use std::io::{self, IoSlice, Read as _, Write as _};
use std::net::SocketAddr;
use std::task::{self, Poll, ready};

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use tokio::net::TcpStream;

use super::error_report::{ErrorType, TIMEOUT};
use super::http1::connection::{connect, duplicate, poll_write};
use super::invocation::{Invocation, assign};
use super::request::{Endpoint, RequestHead};
use crate::current;
use crate::error::Error;

/// The lines of the trailer.
const TRAILER_TYPE: &str = "Lambda-Runtime-Function-Error-Type";
const TRAILER_BODY: &str = "Lambda-Runtime-Function-Error-Body";

/// The most bytes of the JSON of an error in the trailer. In base64, with the names of both lines and the longest
/// type, it stays below 4,096 bytes: the server of Go's `net/http`, which the Runtime API is written with, refuses a
/// trailer that is longer than its buffer.
const MAX_ERROR: usize = 2_700;

/// Sends streamed responses on the connection that the event came from. One serves all invocations of
/// a loop in turn.
#[derive(Debug)]
pub(crate) struct ResponseStream {
    endpoint: Endpoint,
    addresses: Vec<SocketAddr>,
    /// Lent by the client from the event to the end of the response. `None` if the connection was closed
    /// after the event.
    socket: Option<TcpStream>,
    request_id: String,
    invocation_id: Option<String>,
    progress: Progress,
    head: RequestHead,
    /// The size of a chunk, in its own line.
    size: Vec<u8>,
    /// The accepted bytes that the socket has not taken yet.
    unsent: Vec<u8>,
}

/// The progress of a streamed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is sent: the response is not streamed, or not yet.
    Nothing,
    /// The head and some chunks are sent.
    Begun,
    /// The receiver has gone away.
    Broken,
}

impl ResponseStream {
    pub(super) fn new(endpoint: Endpoint, addresses: Vec<SocketAddr>) -> Self {
        Self {
            endpoint,
            addresses,
            socket: None,
            request_id: String::new(),
            invocation_id: None,
            progress: Progress::Nothing,
            head: RequestHead::default(),
            size: Vec::new(),
            unsent: Vec::new(),
        }
    }

    /// Begins with the response to another invocation, on the socket that its event came from.
    pub(crate) fn begin(&mut self, invocation: &Invocation<'_>, socket: Option<TcpStream>) {
        let ids = invocation.ids();
        ids.request_id.clone_into(&mut self.request_id);
        assign(&mut self.invocation_id, ids.invocation_id);
        self.socket = socket;
        self.progress = Progress::Nothing;
        self.unsent.clear();
    }

    #[cfg(feature = "http")]
    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// Accepts a chunk, before the first one with the head, as soon as the socket has taken all chunks before it.
    /// [`poll_flush`](Self::poll_flush) waits until the socket has taken it.
    pub(crate) fn poll_chunk(
        &mut self,
        bytes: &[u8],
        content_type: &str,
        task: &mut task::Context<'_>,
    ) -> Poll<io::Result<()>> {
        // An empty chunk would be the end.
        if bytes.is_empty() {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_flush(task))?;
        let result = self.accept(bytes, content_type, task);
        self.progress = if result.is_ok() { Progress::Begun } else { Progress::Broken };
        self.note_for_a_panic();
        Poll::Ready(result)
    }

    /// Sends as much of a chunk as the socket takes at once, and keeps the rest.
    fn accept(
        &mut self,
        bytes: &[u8],
        content_type: &str,
        task: &mut task::Context<'_>,
    ) -> io::Result<()> {
        let Self { endpoint, addresses, socket, request_id, invocation_id, head, size, .. } = self;
        let head = match self.progress {
            Progress::Nothing => {
                let call = format_args!("invocation/{request_id}/response");
                head.begin_post(endpoint, &call, invocation_id.as_deref());
                head.header("Content-Type", content_type);
                head.header("Transfer-Encoding", "chunked");
                head.header("Lambda-Runtime-Function-Response-Mode", "streaming");
                head.header("Trailer", format_args!("{TRAILER_TYPE}, {TRAILER_BODY}"));
                head.end()
            }
            _ => &[],
        };
        let socket = match socket {
            Some(socket) => socket,
            none => none.insert(connect(addresses)?),
        };
        size.clear();
        write!(size, "{:x}\r\n", bytes.len())?;
        let mut slices = [head, &*size, bytes, &b"\r\n"[..]].map(IoSlice::new);
        let mut rest = slices.as_mut_slice();
        // Skips the head if it is empty.
        IoSlice::advance_slices(&mut rest, 0);
        match poll_write(socket, &mut rest, task) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                for slice in rest {
                    self.unsent.extend_from_slice(slice);
                }
                Ok(())
            }
        }
    }

    /// Waits until the socket has taken everything that was accepted.
    pub(crate) fn poll_flush(&mut self, task: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        if self.progress == Progress::Broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.unsent.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let Some(socket) = &mut self.socket else { return Poll::Ready(Ok(())) };
        let mut slices = [IoSlice::new(&self.unsent)];
        let mut rest = slices.as_mut_slice();
        let result = poll_write(socket, &mut rest, task);
        let left = rest.first().map_or(0, |slice| slice.len());
        self.unsent.drain(..self.unsent.len() - left);
        if let Poll::Ready(Err(_)) = &result {
            self.progress = Progress::Broken;
        }
        self.note_for_a_panic();
        result
    }

    /// Ends the response if it was streamed, with `error` in the trailer. Returns how far the
    /// response came, and gives the socket back if it can be used again.
    pub(crate) async fn finish(&mut self, error: Option<&Error>) -> (Progress, Option<TcpStream>) {
        if self.progress == Progress::Begun && self.send_end(error).await.is_err() {
            self.progress = Progress::Broken;
        }
        if cfg!(panic = "abort") {
            current::with(|current| current.stream = None);
        }
        let socket = self.socket.take();
        (self.progress, socket.filter(|_| self.progress != Progress::Broken))
    }

    /// Sends the last chunk and the trailer.
    async fn send_end(&mut self, error: Option<&Error>) -> io::Result<()> {
        write_end(error, &mut self.unsent)?;
        poll_fn(|task| self.poll_flush(task)).await
    }

    /// Keeps a second handle of the socket for the panic hook, which ends the response if a panic is about to end the
    /// process. It cannot do that in the middle of a chunk.
    fn note_for_a_panic(&mut self) {
        if cfg!(panic = "abort") {
            let is_between_chunks = self.progress == Progress::Begun && self.unsent.is_empty();
            let socket = self.socket.as_ref().filter(|_| is_between_chunks);
            current::with(|current| match (&current.stream, socket) {
                (Some(_), Some(_)) => {}
                (_, socket) => current.stream = socket.and_then(|it| duplicate(it).ok()),
            });
        }
    }
}

/// Ends a response that was streamed, when the process is about to die of `error`. Blocks.
pub(crate) fn end_blocking(mut socket: std::net::TcpStream, error: &Error) -> io::Result<()> {
    let mut end = Vec::new();
    write_end(Some(error), &mut end)?;
    socket.set_nonblocking(false)?;
    socket.set_write_timeout(Some(TIMEOUT))?;
    socket.set_read_timeout(Some(TIMEOUT))?;
    socket.write_all(&end)?;
    // The first byte of the answer shows that the response was received.
    socket.read_exact(&mut [0])
}

/// Writes the last chunk and the trailer.
fn write_end(error: Option<&Error>, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(b"0\r\n");
    if let Some(error) = error {
        let body = error.to_json_within(MAX_ERROR)?;
        let body = Base64Display::new(&body, &STANDARD);
        write!(out, "{TRAILER_TYPE}: {}\r\n{TRAILER_BODY}: {body}\r\n", ErrorType(error))?;
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}
