//! Replies that are sent while they are being written.
//!
//! The Runtime API takes them as a chunked body; an error after the first byte goes into the
//! trailer ("Streaming responses" in AWS's documentation of the Runtime API).

use std::io::{self, IoSlice};

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;

use crate::Failure;
use crate::client::{ErrorType, Outlet, put};
use crate::http1;
use crate::invoke::Reply;

/// A reply that goes to the caller while it is being written.
///
/// Each [`write`](Self::write) is sent at once and waits until the socket takes it, so that a slow
/// reader slows the function down in place of filling its memory. The head goes out with the first
/// bytes: a handler that fails before them fails like any other, one that fails after them ends the
/// stream with the failure in its trailer.
///
/// ```
/// use lambda_native::{Context, Failure, Handler, Reply};
///
/// /// Counts to the number that is the event, a line for each.
/// struct Count;
///
/// impl Handler for Count {
///     async fn call(
///         &self,
///         event: &[u8],
///         _: &Context,
///         reply: &mut Reply<'_>,
///     ) -> Result<(), Failure> {
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
pub struct Writer<'r> {
    target: Target<'r>,
    content_type: &'r str,
}

#[derive(Debug)]
enum Target<'r> {
    Socket(Outlet<'r>),
    /// In a test nobody reads along.
    Memory(&'r mut Vec<u8>),
}

impl<'r> Writer<'r> {
    pub(crate) fn new(reply: &'r mut Reply<'_>, content_type: &'r str) -> Self {
        let target = match &mut reply.outlet {
            Some(outlet) => Target::Socket(outlet.reborrow()),
            None => Target::Memory(&mut reply.body),
        };
        Self { target, content_type }
    }

    /// Sends `bytes`.
    ///
    /// # Errors
    /// The reader has gone away: there is nobody to write to any more.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        // An empty chunk would be the end.
        if bytes.is_empty() {
            return Ok(());
        }
        match &mut self.target {
            Target::Socket(outlet) => outlet.write_chunk(bytes, self.content_type).await,
            Target::Memory(body) => {
                body.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

/// How far a streamed reply has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is sent: the reply is not streamed, or not yet.
    #[default]
    Nothing,
    /// The head and some chunks are sent.
    Begun,
    /// The reader has gone away.
    Broken,
}

impl Reply<'_> {
    /// Whether something is written, or sent.
    #[cfg(feature = "http")]
    pub(crate) fn is_begun(&self) -> bool {
        let sent = |outlet: &Outlet<'_>| outlet.state.progress != Progress::Nothing;
        !self.body.is_empty() || self.outlet.as_ref().is_some_and(sent)
    }

    /// Ends a streamed reply: how far it came.
    pub(crate) async fn finish(&mut self, failure: Option<&Failure>) -> Progress {
        let Some(mut outlet) = self.outlet.take() else { return Progress::Nothing };
        if outlet.state.progress == Progress::Begun && outlet.finish(failure).await.is_err() {
            return Progress::Broken;
        }
        outlet.state.progress
    }
}

impl Outlet<'_> {
    /// Sends a chunk, before the first one the head.
    async fn write_chunk(&mut self, bytes: &[u8], content_type: &str) -> io::Result<()> {
        let begun = match self.state.progress {
            Progress::Nothing => false,
            Progress::Begun => true,
            Progress::Broken => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        // Until it is sent: the function may stop waiting for it.
        self.state.progress = Progress::Broken;
        self.state.frame.clear();
        if !begun {
            self.connect_again_if_closed()?;
            self.write_stream_head(content_type);
        }
        let frame = &mut self.state.frame;
        put(frame, format_args!("{:x}\r\n", bytes.len()));
        let mut slices = [IoSlice::new(frame), IoSlice::new(bytes), IoSlice::new(b"\r\n")];
        http1::write_all(self.stream, &mut slices).await?;
        self.state.progress = Progress::Begun;
        Ok(())
    }

    /// Sends the end: the last chunk, and the failure in the trailer if there is one.
    async fn finish(&mut self, failure: Option<&Failure>) -> io::Result<()> {
        let frame = &mut self.state.frame;
        frame.clear();
        frame.extend_from_slice(b"0\r\n");
        if let Some(failure) = failure {
            let body = serde_json::to_vec(failure)?;
            put(
                frame,
                format_args!(
                    "Lambda-Runtime-Function-Error-Type: {}\r\n\
                     Lambda-Runtime-Function-Error-Body: {}\r\n",
                    ErrorType(failure),
                    Base64Display::new(&body, &STANDARD)
                ),
            );
        }
        frame.extend_from_slice(b"\r\n");
        http1::write_all(self.stream, &mut [IoSlice::new(frame)]).await
    }
}
