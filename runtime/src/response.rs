//! A function's response to one invocation: in a buffer, or streamed to the caller.

use std::io;

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
    /// Sends `bytes`.
    ///
    /// # Errors
    /// If the reader has gone away, or the content type cannot be a header.
    ///
    /// # Cancel safety
    /// If the future is dropped, the stream is broken: part of the bytes is possibly sent.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.content_type.is_empty() || !is_header_value(self.content_type) {
            let message =
                format!("a response cannot have the content type {:?}", self.content_type);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        match &mut self.reply.stream {
            Some(stream) => stream.write_chunk(bytes, self.content_type).await,
            None => {
                self.reply.body.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}
