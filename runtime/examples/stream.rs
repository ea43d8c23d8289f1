//! A response that is sent while it is being made: the numbers up to the one in the event.

use std::io;

use lambda_native::{Reply, lambda_handler};

#[lambda_handler(stream)]
async fn count(end: u32, reply: &mut Reply) -> io::Result<()> {
    let mut lines = reply.stream("text/plain");
    for number in 1..=end {
        lines.write(format!("{number}\n").as_bytes()).await?;
    }
    Ok(())
}
