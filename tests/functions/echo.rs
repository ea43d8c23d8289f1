//! Answers with the event, byte for byte: a handler that decides itself how it reads and writes.

use std::process::ExitCode;

use lambda_native::{Context, Failure, Handler, Reply, start};

struct Echo;

impl Handler for Echo {
    async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply<'_>) -> Result<(), Failure> {
        reply.body_mut().extend_from_slice(event);
        Ok(())
    }
}

fn main() -> ExitCode {
    start(Echo)
}
