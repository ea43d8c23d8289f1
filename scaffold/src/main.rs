//! The `scaffold` program; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    lambda_native_scaffold::run(std::env::args_os())
}
