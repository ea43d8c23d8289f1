//! Takes the context and nothing else.

// event: 7
// reply: "id-1"

use lambda_native::{Context, lambda_handler};

#[lambda_handler]
async fn identify(context: &Context) -> String {
    context.request_id().to_owned()
}
