//! The payload itself, whatever its type is called.

// event: not JSON
// reply: 8

use lambda_native::lambda_handler;

type Payload<'a> = &'a [u8];

#[lambda_handler]
async fn count(payload: Payload<'_>) -> usize {
    payload.len()
}
