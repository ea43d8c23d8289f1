//! Streams chunks of the sizes in the event. 0 is an error, -1 a panic, and another negative number an error with
//! that many causes.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::process::ExitCode;
use std::task::Poll;

use lambda_native::{Context, Error, Handler, Reply, json, start};
use tokio::io::{AsyncWriteExt, BufWriter};

struct Chunks;

impl Handler for Chunks {
    async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply) -> Result<(), Error> {
        let sizes: Vec<i64> = json::decode(event)?;
        let content_type = std::env::var("CONTENT_TYPE").unwrap_or("text/plain".to_owned());
        let mut out = reply.stream(&content_type);
        if std::env::var_os("COPY").is_some() {
            // Through the traits of tokio, in chunks of the buffer.
            let mut out = BufWriter::with_capacity(4, &mut out);
            for size in sizes {
                out.write_all("x".repeat(usize::try_from(size)?).as_bytes()).await?;
            }
            return Ok(out.shutdown().await?);
        }
        let cancels = std::env::var_os("CANCEL").is_some();
        for size in sizes {
            match usize::try_from(size).ok() {
                Some(0) => return Err(Error::new("Stopped", "at a zero")),
                Some(size) if cancels => once(out.write("x".repeat(size).as_bytes())).await,
                Some(size) => out.write("x".repeat(size).as_bytes()).await?,
                None if size == -1 => panic!("below zero"),
                None => {
                    let cause = std::io::Error::other("again and ".repeat(10));
                    let error = Error::new("Deep", "as told");
                    return Err((0..-size).fold(error, |error, _| error.caused_by(&cause)));
                }
            }
        }
        out.write(b"").await?;
        Ok(())
    }
}

/// Polls a future once, and drops it.
async fn once(future: impl Future) {
    let mut future = pin!(future);
    let _ = poll_fn(|task| Poll::Ready(future.as_mut().poll(task))).await;
    tokio::task::yield_now().await;
}

fn main() -> ExitCode {
    start(Chunks)
}
