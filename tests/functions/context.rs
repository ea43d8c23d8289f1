//! Is not async, takes the context by value, returns a value, and ignores the event.

use std::time::UNIX_EPOCH;

use lambda_native::{Context, lambda_handler};
use serde::de::IgnoredAny;

#[lambda_handler]
fn describe(_: IgnoredAny, context: Context) -> Vec<Option<String>> {
    let owned = |text: &str| Some(text.to_owned());
    vec![
        owned(context.request_id()),
        context.deadline().map(|deadline| format!("{:?}", deadline.duration_since(UNIX_EPOCH))),
        context.remaining_time().map(|time| (time.as_secs() > 1_000_000).to_string()),
        context.invoked_function_arn().map(str::to_owned),
        context.trace_id().map(str::to_owned),
        owned(context.function_name()),
        owned(context.function_version()),
        Some(context.memory_mb().to_string()),
        owned(context.log_group()),
        owned(context.log_stream()),
    ]
}
