//! Returns the event, byte for byte, as a handler that reads and writes by itself.

use std::future::ready;
use std::process::ExitCode;

use lambda_native::{Context, Error, Handler, Reply, start};

struct Echo;

impl Handler for Echo {
    fn call(
        &self,
        event: &[u8],
        _: &Context,
        reply: &mut Reply,
    ) -> impl Future<Output = Result<(), Error>> {
        reply.body_mut().extend_from_slice(event);
        ready(Ok(()))
    }
}

fn main() -> ExitCode {
    start(Echo)
}
