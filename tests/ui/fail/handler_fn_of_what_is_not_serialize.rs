use std::process::ExitCode;

use lambda_native::{Context, Error, handler_fn};

struct Receipt;

async fn checkout(_: String, _: &Context) -> Result<Receipt, Error> {
    Ok(Receipt)
}

fn main() -> ExitCode {
    lambda_native::start(handler_fn(checkout))
}
