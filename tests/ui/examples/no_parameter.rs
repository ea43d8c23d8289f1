//! Takes no event.

// event: {"any":"thing"}
// reply: "pong"

use lambda_native::lambda_handler;

#[lambda_handler]
async fn ping() -> &'static str {
    "pong"
}
