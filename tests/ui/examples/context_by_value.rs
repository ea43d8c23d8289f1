//! Takes a copy of the context.

// event: null
// reply: "id-1 test"

use lambda_native::{Context, lambda_handler};

#[lambda_handler]
async fn describe((): (), context: Context) -> String {
    format!("{} {}", context.request_id(), context.function_name())
}
