//! Returns a part of the event as it is.

// event: {"n": 1.50}
// reply: {"n": 1.50}

use lambda_native::lambda_handler;
use serde_json::value::RawValue;

#[lambda_handler]
async fn echo(event: &RawValue) -> &RawValue {
    event
}
