//! Does not read the event.

// event: {"a":{"b":[1,2]}}
// reply: "id-1"

use lambda_native::{Context, lambda_handler};
use serde::de::IgnoredAny;

#[lambda_handler]
async fn request_id(_: IgnoredAny, context: &Context) -> String {
    context.request_id().to_owned()
}
