//! Takes the context by reference.

// event: null
// reply: "id-1"

use lambda_native::{Context, lambda_handler};

#[lambda_handler]
async fn request_id((): (), context: &Context) -> String {
    context.request_id().to_owned()
}
