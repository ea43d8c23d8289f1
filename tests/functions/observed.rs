//! Logs through `tracing`, is slow for large numbers, and prints a farewell at shutdown.

use std::process::ExitCode;
use std::time::Duration;

use lambda_native::{Context, Error, handler_fn, logging, shutdown, start_multi_thread_with};
use tokio::sync::Notify;
use tracing::Instrument;

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
            shutdown::on_shutdown(async {}).await?;
        }
        Ok(handler_fn(answer))
    })
}

/// The number of an invocation whose task ends only during the next one.
const FIRST: u64 = 100;
static SECOND: Notify = Notify::const_new();
static FIRST_IS_DONE: Notify = Notify::const_new();

#[tracing::instrument(skip(context))]
async fn answer(number: u64, context: &Context) -> Result<u64, Error> {
    tracing::debug!("not wanted");
    tracing::warn!(number, odd = number % 2 == 1, name = ?context.function_name(), "a \"number\"");
    if number == 7 {
        tracing_log::log::warn!(target: "library", "from \u{1b}[31mlog");
        tracing::error!(target: "noisy", r#type = 1.5, "two\nlines");
        let inner = tracing::info_span!("inner", step = "a b", late = tracing::field::Empty);
        let _entered = inner.entered();
        tracing::Span::current().record("late", 2);
        tracing::info!("within");
    }
    if number == FIRST {
        // Logs while the second invocation waits for it.
        let task = async {
            SECOND.notified().await;
            tracing::info!("late");
            FIRST_IS_DONE.notify_one();
        };
        tokio::spawn(task.in_current_span());
        tokio::spawn(async { tracing::info!("alone") }).await?;
    }
    if number == FIRST + 1 {
        SECOND.notify_one();
        FIRST_IS_DONE.notified().await;
    }
    if number > 1_000 {
        tokio::time::sleep(Duration::from_millis(number)).await;
    }
    Ok(number + 1)
}
