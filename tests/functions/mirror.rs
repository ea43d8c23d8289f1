//! Answers every HTTP request with the event that was made of it, for comparing events.

use std::process::ExitCode;

use lambda_native::{Context, Failure, Handler, Reply, start};
use serde_json::json;

struct Mirror;

impl Handler for Mirror {
    async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply<'_>) -> Result<(), Failure> {
        let body = String::from_utf8_lossy(event);
        let response = json!({
            "statusCode": 200,
            "headers": { "Content-Type": "application/json" },
            "body": body,
        });
        reply.body_mut().extend_from_slice(response.to_string().as_bytes());
        Ok(())
    }
}

fn main() -> ExitCode {
    start(Mirror)
}
