use std::process::ExitCode;

use lambda_native::{Context, handler_fn};

fn main() -> ExitCode {
    lambda_native::start(handler_fn(async |number: u32, _: &Context| number * 2))
}
