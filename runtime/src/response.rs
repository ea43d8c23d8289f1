//! A function's response to one invocation: in a buffer, or streamed to the caller.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{self, Poll};

use tokio::io::AsyncWrite;
use tokio::net::TcpStream;

use crate::error::Error;
use crate::runtime_api::invocation::Invocation;
use crate::runtime_api::request::is_header_value;
use crate::runtime_api::stream::{Progress, ResponseStream};

/// The response to one invocation while the function writes it: into a buffer, which is used again
/// for the next invocation, or [streamed](Reply::stream) to the caller.
///
/// `Reply::default()` makes one for a test. It keeps everything in the buffer.
#[derive(Debug, Default)]
pub struct Reply {
    body: Vec<u8>,
    /// `None` in a test.
    stream: Option<ResponseStream>,
    /// The error behind an HTTP response, which goes to the log once the response is sent.
    error: Option<Error>,
}

impl Reply {
    pub(crate) fn new(stream: ResponseStream) -> Self {
        Self { stream: Some(stream), ..Self::default() }
    }

    /// Begins with the response to another invocation.
    pub(crate) fn begin(&mut self, invocation: &Invocation<'_>, socket: Option<TcpStream>) {
        self.body.clear();
        self.error = None;
        if let Some(stream) = &mut self.stream {
            stream.begin(invocation, socket);
        }
    }

    /// Returns what the buffer holds so far.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the buffer that the response is written to. It is empty when the handler is called.
    pub fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }

    /// Sends the response while it is being written, instead of the buffer. `content_type` is its
    /// media type.
    ///
    /// Streaming works only for callers that accept it: a Function URL with the invoke mode
    /// `RESPONSE_STREAM`, or the API call `InvokeWithResponseStream`.
    pub fn stream<'r>(&'r mut self, content_type: &'r str) -> ReplyWriter<'r> {
        ReplyWriter { reply: self, content_type }
    }

    /// Tells whether something is written or sent.
    #[cfg(feature = "http")]
    pub(crate) fn is_begun(&self) -> bool {
        let is_sent = |stream: &ResponseStream| stream.progress() != Progress::Nothing;
        !self.body.is_empty() || self.stream.as_ref().is_some_and(is_sent)
    }

    /// Keeps the error behind the response for the log.
    #[cfg(feature = "http")]
    pub(crate) fn set_error(&mut self, error: Option<Error>) {
        self.error = error;
    }

    /// Takes the error behind the response.
    pub(crate) fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }

    /// Ends the response if it was streamed. Returns how far it came, and gives the socket back if
    /// it can be used again.
    pub(crate) async fn finish(&mut self, error: Option<&Error>) -> (Progress, Option<TcpStream>) {
        match &mut self.stream {
            Some(stream) => stream.finish(error).await,
            None => (Progress::Nothing, None),
        }
    }

    pub(crate) fn into_body(self) -> Vec<u8> {
        self.body
    }
}

/// A response that goes to the caller while it is being written, from [`Reply::stream`].
///
/// Each [`write`](Self::write) sends its bytes at once and waits until the socket has taken them, so
/// a slow reader slows the function down instead of filling its memory. The head goes out with the
/// first bytes. A handler that fails before them fails like any other; one that fails after them
/// ends the stream with the error in its trailer.
///
/// ```
/// use lambda_native::{Context, Error, Handler, Reply};
///
/// /// Counts up to the number in the event, one line each.
/// struct Count;
///
/// impl Handler for Count {
///     async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply) -> Result<(), Error> {
///         let end: u32 = lambda_native::json::decode(event)?;
///         let mut lines = reply.stream("text/plain");
///         for number in 1..=end {
///             lines.write(format!("{number}\n").as_bytes()).await?;
///         }
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug)]
pub struct ReplyWriter<'r> {
    reply: &'r mut Reply,
    content_type: &'r str,
}

impl ReplyWriter<'_> {
    /// Sends `bytes`, and waits until the socket has taken them.
    ///
    /// # Errors
    /// If the reader has gone away, or the content type cannot be a header.
    ///
    /// # Cancel safety
    /// If the future is dropped, for example by a timeout, either all of the bytes will be sent or none, depending on
    /// whether the socket had taken everything before them. The response goes on with the next call.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        poll_fn(|task| self.poll_accept(bytes, task)).await?;
        poll_fn(|task| self.poll_send(task)).await
    }

    fn poll_accept(&mut self, bytes: &[u8], task: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        if self.content_type.is_empty() || !is_header_value(self.content_type) {
            let message =
                format!("a response cannot have the content type {:?}", self.content_type);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidInput, message)));
        }
        match &mut self.reply.stream {
            Some(stream) => stream.poll_chunk(bytes, self.content_type, task),
            None => {
                self.reply.body.extend_from_slice(bytes);
                Poll::Ready(Ok(()))
            }
        }
    }

    fn poll_send(&mut self, task: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.reply.stream {
            Some(stream) => stream.poll_flush(task),
            None => Poll::Ready(Ok(())),
        }
    }
}

/// For functions that write to any stream, such as `tokio::io::copy`. Each write becomes a chunk, so put a
/// `tokio::io::BufWriter` around it for small writes. The response ends when the handler returns: shutting the
/// writer down only flushes it.
///
/// ```
/// use lambda_native::{Context, Error, Handler, Reply};
///
/// /// Sends the event back.
/// struct Echo;
///
/// impl Handler for Echo {
///     async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply) -> Result<(), Error> {
///         let mut source = event; // or a file, a process, a response of another service
///         tokio::io::copy(&mut source, &mut reply.stream("application/json")).await?;
///         Ok(())
///     }
/// }
/// ```
impl AsyncWrite for ReplyWriter<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut task::Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_accept(bytes, task).map_ok(|()| bytes.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send(task)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        task: &mut task::Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_send(task)
    }
}
