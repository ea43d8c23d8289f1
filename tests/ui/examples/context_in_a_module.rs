//! Uses a JSON context of another module, and the bytes of the event.

// event: [1]
// reply: 3

use lambda_native::lambda_handler;

mod types {
    use lambda_native::json_context;

    #[json_context(usize)]
    pub(crate) struct Json;
}

#[lambda_handler(json = types::Json)]
async fn count(payload: &[u8]) -> usize {
    payload.len()
}
