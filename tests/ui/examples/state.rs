//! Makes its state once, before the first event.

// event: 2
// reply: ["base",1]
// event: 3
// reply: ["base",2]

use std::sync::atomic::{AtomicU32, Ordering};

use lambda_native::{Context, lambda_handler};

struct Counter {
    name: &'static str,
    calls: AtomicU32,
}

async fn start() -> Result<Counter, std::env::VarError> {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME")?;
    Ok(Counter { name: "base", calls: AtomicU32::new(0) })
}

#[lambda_handler(init = start)]
async fn count<'s>(_: u32, _: &Context, counter: &'s Counter) -> (&'s str, u32) {
    (counter.name, counter.calls.fetch_add(1, Ordering::Relaxed) + 1)
}
