//! A function without the macro.

use std::collections::BTreeMap;
use std::process::ExitCode;

use lambda_native::{Context, Error, handler_fn, start};

fn main() -> ExitCode {
    start(handler_fn(count))
}

/// Counts the words. The keys of the result are not text, so JSON has no form for it.
async fn count(text: String, context: &Context) -> Result<BTreeMap<Vec<u8>, usize>, Error> {
    if text.is_empty() {
        return Err(Error::new("NoText", format!("{}: no text", context.request_id())));
    }
    let mut words = BTreeMap::new();
    for word in text.split(' ') {
        *words.entry(word.bytes().collect()).or_default() += 1;
    }
    Ok(words)
}
