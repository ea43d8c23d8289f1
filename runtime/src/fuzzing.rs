//! The entry points of the targets in `fuzz/`: the parts that read bytes from outside, without their
//! sockets. Compiled only with `--cfg fuzzing`, which cargo-fuzz sets.

use std::pin::pin;
use std::sync::Arc;
use std::task::{self, Poll, Waker};

use crate::__private::{Functions, Routed};
use crate::Handler;
use crate::context::Context;
use crate::error::Error;
use crate::json::path;
use crate::response::Reply;
use crate::runtime_api::error_report::write_error_report;
use crate::runtime_api::http1::parser::ResponseParser;
use crate::runtime_api::invocation::Invocation;
use crate::runtime_api::request::{Endpoint, InvocationIds, RequestHead};

/// A response, taken out of its bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct FuzzedResponse {
    /// The status.
    pub status: u16,
    /// The names and values of the header lines.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body, with its chunks joined.
    pub body: Vec<u8>,
    /// The connection would be used again.
    pub reusable: bool,
}

/// Parses the response that arrives in these pieces before the connection ends.
///
/// # Errors
/// If it is not a response.
///
/// # Panics
/// If the parser asks for bytes that it already has.
pub fn response<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<FuzzedResponse, String> {
    with_response(pieces, |parser, bytes| {
        let response = parser.response(bytes);
        let headers = response.headers().map(|(name, value)| (name.to_vec(), value.to_vec()));
        FuzzedResponse {
            status: response.status,
            headers: headers.collect(),
            body: response.body.to_vec(),
            reusable: parser.is_reusable(bytes.len()),
        }
    })
}

/// Fills the context of an invocation from the response to `next`, on top of another one.
///
/// # Errors
/// If it is not a response, or not an invocation.
pub fn context(response: &[u8], before: &Context) -> Result<Context, String> {
    let mut context = before.clone();
    with_response([response], |parser, bytes| {
        let invocation =
            Invocation::parse(&parser.response(bytes)).map_err(|error| error.to_string())?;
        invocation.fill(&mut context);
        Ok::<_, String>(())
    })??;
    Ok(context)
}

/// Writes the request that reports an error of the invocation: its head and its body.
///
/// # Errors
/// If the error cannot be written as JSON.
pub fn report(context: &Context, error: &Error) -> Result<(Vec<u8>, Vec<u8>), String> {
    let ids = InvocationIds::from(context);
    let (mut head, mut body) = (RequestHead::default(), Vec::new());
    let call = format!("invocation/{}/error", ids.request_id);
    let endpoint = Endpoint::parse("api").ok_or("`api` is an address")?;
    write_error_report(&mut head, &mut body, &call, &endpoint, ids.invocation_id, error)
        .map_err(|error| error.to_string())?;
    Ok((head.end().to_vec(), body))
}

/// Makes an empty context.
#[must_use]
pub fn no_context() -> Context {
    Context::of(Arc::default())
}

/// Returns the path to the byte at `line` and `column` of a document.
#[must_use]
pub fn path_at(json: &[u8], line: usize, column: usize) -> String {
    path::path_at(json, line, column)
}

/// A program with routes, as `main!` makes it.
#[derive(Debug)]
pub struct Program<F>(Routed<F>);

impl<F: Functions> Program<F> {
    /// Makes the program with all of its handlers.
    ///
    /// # Errors
    /// The error of their `init`.
    pub fn new() -> Result<Self, Error> {
        let all: Vec<usize> = (0..F::ENTRIES.len()).collect();
        ready(Routed::init(&all)).map(Self)
    }

    /// Responds to an event.
    ///
    /// # Errors
    /// If the event is not a request.
    pub fn call(&self, event: &[u8], context: &Context) -> Result<Vec<u8>, Error> {
        let mut reply = Reply::default();
        ready(self.0.call(event, context, &mut reply))?;
        Ok(reply.into_body())
    }
}

/// Returns the output of a future that waits for nothing, without the cost of an async runtime.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

fn with_response<'p, T>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
    read: impl FnOnce(&ResponseParser, &[u8]) -> T,
) -> Result<T, String> {
    let mut parser = ResponseParser::default();
    parser.begin();
    let mut bytes = Vec::new();
    let mut needed = 0;
    for piece in pieces {
        bytes.extend_from_slice(piece);
        // The connection, too, waits until there is enough.
        if bytes.len() < needed {
            continue;
        }
        match parser.parse(&mut bytes).map_err(|error| error.to_string())? {
            Some(count) => needed = count,
            None => needed = 0,
        }
        assert!(needed == 0 || needed > bytes.len(), "the parser asks for bytes that it has");
    }
    parser.end(bytes.len()).map_err(|error| error.to_string())?;
    Ok(read(&parser, &bytes))
}
