//! Responds to every HTTP request with its event, so tests can compare events.

use std::future::ready;
use std::process::ExitCode;

use lambda_native::{Context, Error, Handler, Reply, start};
use serde_json::json;

struct Mirror;

impl Handler for Mirror {
    fn call(
        &self,
        event: &[u8],
        _: &Context,
        reply: &mut Reply,
    ) -> impl Future<Output = Result<(), Error>> {
        let body = String::from_utf8_lossy(event);
        let response = json!({
            "statusCode": 200,
            "headers": { "Content-Type": "application/json" },
            "body": body,
        });
        reply.body_mut().extend_from_slice(response.to_string().as_bytes());
        ready(Ok(()))
    }
}

fn main() -> ExitCode {
    start(Mirror)
}
