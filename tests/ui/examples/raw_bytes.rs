//! Takes the bytes of the event, JSON or not.

// event: {"a": [1,
// reply: 9

use lambda_native::lambda_handler;

#[lambda_handler]
async fn count(payload: &[u8]) -> usize {
    payload.len()
}
