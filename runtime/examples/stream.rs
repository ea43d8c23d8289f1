//! An answer that is sent while it is being made: the numbers up to the one in the event.

use std::process::ExitCode;

use lambda_native::{Context, Failure, Handler, Reply, json, start};

struct Count;

impl Handler for Count {
    async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply<'_>) -> Result<(), Failure> {
        let end: u32 = json::decode(event)?;
        let mut lines = reply.stream("text/plain");
        for number in 1..=end {
            lines.write(format!("{number}\n").as_bytes()).await?;
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    start(Count)
}
