//! Logs through `tracing`, takes its time over large numbers, and says farewell when it is told to end.

use std::process::ExitCode;
use std::time::Duration;

use lambda_native::{Context, Failure, handler_fn, logging, shutdown, start_multi_thread_with};

fn main() -> ExitCode {
    start_multi_thread_with(None, async || {
        logging::init();
        tracing::info!("starting");
        if std::env::var_os("FAREWELL").is_some() {
            shutdown::on_shutdown(async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                println!("farewell");
            })
            .await?;
        }
        Ok(handler_fn(answer))
    })
}

#[tracing::instrument(skip(context))]
async fn answer(number: u64, context: &Context) -> Result<u64, Failure> {
    tracing::debug!("not wanted");
    tracing::warn!(number, odd = number % 2 == 1, name = ?context.function_name(), "a \"number\"");
    if number > 1_000 {
        tokio::time::sleep(Duration::from_millis(number)).await;
    }
    Ok(number + 1)
}
