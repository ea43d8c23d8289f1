//! Streams a response, with a state, and fails before and after its first byte.

// event: 2
// streams: 2\r\na:\r\n2\r\n1\n\r\n2\r\n2\n\r\n0\r\n\r\n
// event: "two"
// error: {"errorType":"Runtime.UnmarshalError","errorMessage":"cannot read the event: invalid type: string \"two\", expected u32 at line 1 column 5","stackTrace":[]}
// event: 0
// error: {"errorType":"Error","errorMessage":"nothing to count","stackTrace":[]}

use lambda_native::{Context, Error, Reply, lambda_handler};

fn prefix() -> &'static str {
    "a:"
}

#[lambda_handler(stream, init = prefix)]
async fn count(
    end: u32,
    _: &Context,
    prefix: &&'static str,
    reply: &mut Reply,
) -> Result<(), Error> {
    if end == 0 {
        return Err(Error::new("Error", "nothing to count"));
    }
    let mut lines = reply.stream("text/plain");
    lines.write(prefix.as_bytes()).await?;
    for number in 1..=end {
        lines.write(format!("{number}\n").as_bytes()).await?;
    }
    Ok(())
}
