use std::process::ExitCode;

use lambda_native::handler_fn;

fn main() -> ExitCode {
    lambda_native::start(handler_fn(async |number: u32| Ok(number * 2)))
}
