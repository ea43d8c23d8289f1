//! The same as the macro makes, without it.

use std::collections::BTreeMap;
use std::process::ExitCode;

use lambda_native::{Context, Failure, handler_fn, start};

fn main() -> ExitCode {
    start(handler_fn(count))
}

/// Counts the words. Its keys are not text, so that JSON cannot hold them.
async fn count(text: String, context: &Context) -> Result<BTreeMap<Vec<u8>, usize>, Failure> {
    if text.is_empty() {
        return Err(Failure::new("NoText", format!("{}: no text", context.request_id())));
    }
    let mut words = BTreeMap::new();
    for word in text.split(' ') {
        *words.entry(word.bytes().collect()).or_default() += 1;
    }
    Ok(words)
}
