//! The `scaffold` program. The library beside it does all the work.

use std::process::ExitCode;

fn main() -> ExitCode {
    lambda_native_scaffold::run(std::env::args_os())
}
