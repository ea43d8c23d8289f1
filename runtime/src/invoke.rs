//! The loop: take an invocation, call the handler, send its reply.

use crate::{Context, Failure};

/// A Lambda function: what stands between the loop and your code.
///
/// `#[lambda_handler]` writes the implementation for exactly one function's types; write it by hand
/// to decide yourself how an event is read and a reply written.
pub trait Handler {
    /// Answers one invocation: reads `event`, writes the answer to `reply`.
    ///
    /// # Errors
    /// The [`Failure`] is reported to Lambda in place of the reply, which is dropped; the loop goes on.
    fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply,
    ) -> impl Future<Output = Result<(), Failure>>;
}

/// The answer to one invocation while it is being written: one buffer, used again for the next.
#[derive(Debug, Default)]
pub struct Reply {
    body: Vec<u8>,
}

impl Reply {
    /// What is written so far.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The buffer that the answer is written to; at first it is empty.
    pub fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }
}
