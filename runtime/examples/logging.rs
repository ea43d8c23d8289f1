//! Logs with `tracing`, in the format that Lambda asks for, and prints a farewell before the process
//! ends.

use std::process::ExitCode;

use lambda_native::{Context, handler_fn, logging, shutdown, start_with};

fn main() -> ExitCode {
    start_with(async || {
        logging::init();
        shutdown::on_shutdown(async { tracing::info!("ending") }).await?;
        Ok(handler_fn(async |text: String, _: &Context| {
            tracing::info!(length = text.len(), "shouting");
            Ok(text.to_uppercase())
        }))
    })
}
