//! Streams 5 MB in chunks of 64 kB, on `lambda_native`.

use std::process::ExitCode;

use lambda_native::{Context, Error, Handler, Reply, start};

struct Stream;

impl Handler for Stream {
    async fn call(&self, _: &[u8], _: &Context, reply: &mut Reply) -> Result<(), Error> {
        let chunk = vec![b'x'; 64 * 1024];
        let mut out = reply.stream("application/octet-stream");
        for _ in 0..80 {
            out.write(&chunk).await?;
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    start(Stream)
}
