//! What the targets of `fuzz/` reach into: the parts that read what comes from outside, without
//! their sockets.

use std::sync::Arc;

use crate::client::{self, Invocation, ReplyTo};
use crate::http1::Reader;
use crate::{Context, Failure};

/// An answer, taken out of its bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its header lines.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Its body, chunks moved together.
    pub body: Vec<u8>,
    /// Whether the connection would be used again.
    pub reusable: bool,
}

/// Reads the answer that comes in these pieces, after which the connection ends.
///
/// # Errors
/// What is said of an answer that cannot be read.
///
/// # Panics
/// If the reader does not know what it needs.
pub fn answer<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<Answer, String> {
    with_answer(pieces, |reader, bytes| {
        let answer = reader.answer(bytes);
        let headers = answer.headers().map(|(name, value)| (name.to_owned(), value.to_vec()));
        Answer {
            status: answer.status,
            headers: headers.collect(),
            body: answer.body.to_vec(),
            reusable: reader.is_reusable(bytes.len()),
        }
    })
}

/// Sets the context of an invocation by the answer to `next`, on top of that of another one.
///
/// # Errors
/// What is said of an answer that cannot be read, or is no invocation.
pub fn context(answer: &[u8], before: &Context) -> Result<Context, String> {
    let mut context = before.clone();
    with_answer([answer], |reader, bytes| {
        let answer = reader.answer(bytes);
        let invocation = Invocation::read(&answer).map_err(|error| error.to_string())?;
        context.set(&invocation);
        Ok::<_, String>(())
    })??;
    Ok(context)
}

/// The request that reports that the invocation of `context` failed: its head and its body.
///
/// # Errors
/// It cannot be written as JSON.
pub fn report(context: &Context, failure: &Failure) -> Result<(Vec<u8>, Vec<u8>), String> {
    let to = ReplyTo {
        request_id: &context.request_id,
        invocation_id: context.invocation_id.as_deref(),
    };
    let (mut head, mut body) = (Vec::new(), Vec::new());
    let call = format!("invocation/{}/error", to.request_id);
    client::write_failure(&mut head, &mut body, &call, "api", to.invocation_id, failure)
        .map_err(|error| error.to_string())?;
    Ok((head, body))
}

/// A context that says nothing.
#[must_use]
pub fn no_context() -> Context {
    Context::of(Arc::default())
}

/// The path to the byte at `line` and `column` of a document.
#[must_use]
pub fn path_at(json: &[u8], line: usize, column: usize) -> String {
    crate::json_path::path_at(json, line, column)
}

fn with_answer<'p, T>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
    read: impl FnOnce(&Reader, &[u8]) -> T,
) -> Result<T, String> {
    let mut reader = Reader::default();
    reader.begin();
    let mut bytes = Vec::new();
    let mut needed = 0;
    for piece in pieces {
        bytes.extend_from_slice(piece);
        // As the connection does, which asks for more until there is enough.
        if bytes.len() < needed {
            continue;
        }
        match reader.read(&mut bytes).map_err(|error| error.to_string())? {
            Some(count) => needed = count,
            None => needed = 0,
        }
        assert!(needed == 0 || needed > bytes.len(), "it needs more than it has");
    }
    reader.end(bytes.len()).map_err(|error| error.to_string())?;
    Ok(read(&reader, &bytes))
}
