//! A function without the macro: a closure, and state that all invocations share.

use std::process::ExitCode;

use lambda_native::{Context, Error, handler_fn, start_with};

async fn init() -> Result<u64, Error> {
    // Here a client would be made, a secret read.
    Ok(std::env::var("FACTOR").unwrap_or("2".to_owned()).parse()?)
}

fn main() -> ExitCode {
    start_with(async || {
        let factor = init().await?;
        Ok(handler_fn(async move |number: u64, _: &Context| {
            number.checked_mul(factor).ok_or_else(|| Error::new("TooLarge", "over 2^64"))
        }))
    })
}
