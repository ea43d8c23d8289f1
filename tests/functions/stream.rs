//! Streams chunks of the sizes in the event. 0 is an error, and a negative number a panic.

use std::process::ExitCode;

use lambda_native::{Context, Error, Handler, Reply, json, start};

struct Chunks;

impl Handler for Chunks {
    async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply) -> Result<(), Error> {
        let sizes: Vec<i64> = json::decode(event)?;
        let content_type = std::env::var("CONTENT_TYPE").unwrap_or("text/plain".to_owned());
        let mut out = reply.stream(&content_type);
        for size in sizes {
            match usize::try_from(size).ok() {
                Some(0) => return Err(Error::new("Stopped", "at a zero")),
                Some(size) => out.write("x".repeat(size).as_bytes()).await?,
                None => panic!("below zero"),
            }
        }
        out.write(b"").await?;
        Ok(())
    }
}

fn main() -> ExitCode {
    start(Chunks)
}
