use std::process::ExitCode;

use lambda_native::{Context, Error, handler_fn};

fn checkout(_: String, _: &Context) -> Result<u32, Error> {
    Ok(1)
}

fn main() -> ExitCode {
    lambda_native::start(handler_fn(checkout))
}
