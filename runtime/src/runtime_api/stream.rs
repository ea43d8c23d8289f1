//! Responses that are sent while they are being written.
//!
//! The Runtime API takes them as a chunked body. An error before the first byte is reported like any
//! other; an error after it goes into the trailer ("Streaming responses" in AWS's documentation of
//! the Runtime API).

use std::io::{self, IoSlice, Write as _};
use std::net::SocketAddr;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use tokio::net::TcpStream;

use super::error_report::ErrorType;
use super::http1::connection::{connect, write_all};
use super::invocation::{Invocation, assign};
use super::request::{Endpoint, RequestHead};
use crate::error::Error;

/// The lines of the trailer.
const TRAILER_TYPE: &str = "Lambda-Runtime-Function-Error-Type";
const TRAILER_BODY: &str = "Lambda-Runtime-Function-Error-Body";

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
    /// The framing of a chunk, or the end of the response.
    frame: Vec<u8>,
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
            frame: Vec::new(),
        }
    }

    /// Begins with the response to another invocation, on the socket that its event came from.
    pub(crate) fn begin(&mut self, invocation: &Invocation<'_>, socket: Option<TcpStream>) {
        let ids = invocation.ids();
        ids.request_id.clone_into(&mut self.request_id);
        assign(&mut self.invocation_id, ids.invocation_id);
        self.socket = socket;
        self.progress = Progress::Nothing;
    }

    #[cfg(feature = "http")]
    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// Sends a chunk, before the first one the head.
    ///
    /// # Cancel safety
    /// If the future is dropped, the stream is broken: part of the chunk is possibly sent.
    pub(crate) async fn write_chunk(&mut self, bytes: &[u8], content_type: &str) -> io::Result<()> {
        // An empty chunk would be the end.
        if bytes.is_empty() {
            return Ok(());
        }
        let Self { endpoint, addresses, socket, request_id, invocation_id, progress, head, frame } =
            self;
        let head = match progress {
            Progress::Nothing => {
                let call = format_args!("invocation/{request_id}/response");
                head.begin_post(endpoint, &call, invocation_id.as_deref());
                head.header("Content-Type", content_type);
                head.header("Transfer-Encoding", "chunked");
                head.header("Lambda-Runtime-Function-Response-Mode", "streaming");
                head.header("Trailer", format_args!("{TRAILER_TYPE}, {TRAILER_BODY}"));
                head.end()
            }
            Progress::Begun => &[],
            Progress::Broken => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        // The stream stays broken unless all of the chunk is sent.
        *progress = Progress::Broken;
        let socket = match socket {
            Some(socket) => socket,
            none => none.insert(connect(addresses)?),
        };
        frame.clear();
        write!(frame, "{:x}\r\n", bytes.len())?;
        let mut slices = [head, &*frame, bytes, &b"\r\n"[..]].map(IoSlice::new);
        write_all(socket, &mut slices).await?;
        *progress = Progress::Begun;
        Ok(())
    }

    /// Ends the response if it was streamed, with `error` in the trailer. Returns how far the
    /// response came, and gives the socket back if it can be used again.
    pub(crate) async fn finish(&mut self, error: Option<&Error>) -> (Progress, Option<TcpStream>) {
        let mut socket = self.socket.take();
        if let (Progress::Begun, Some(socket)) = (self.progress, &mut socket)
            && self.write_end(socket, error).await.is_err()
        {
            self.progress = Progress::Broken;
        }
        (self.progress, socket.filter(|_| self.progress != Progress::Broken))
    }

    /// Sends the last chunk and the trailer.
    async fn write_end(&mut self, socket: &mut TcpStream, error: Option<&Error>) -> io::Result<()> {
        let frame = &mut self.frame;
        frame.clear();
        frame.extend_from_slice(b"0\r\n");
        if let Some(error) = error {
            let body = serde_json::to_vec(error)?;
            let body = Base64Display::new(&body, &STANDARD);
            write!(frame, "{TRAILER_TYPE}: {}\r\n{TRAILER_BODY}: {body}\r\n", ErrorType(error))?;
        }
        frame.extend_from_slice(b"\r\n");
        write_all(socket, &mut [IoSlice::new(frame)]).await
    }
}
