//! Fails with an `anyhow::Error` that holds an error with an HTTP status.

// event: {"version":"2.0","rawPath":"/","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET","path":"/"}},"isBase64Encoded":false}
// reply: {"statusCode":404,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"no such item\"}","isBase64Encoded":false}

use anyhow::Context as _;
use lambda_native::http::Request;
use lambda_native::{Error, lambda_handler};

#[lambda_handler(http)]
async fn item(_: Request<'_>) -> anyhow::Result<String> {
    find("ink").context("cannot look it up")
}

fn find(item: &str) -> anyhow::Result<String> {
    if item == "tea" {
        return Ok(item.to_owned());
    }
    Err(Error::new("UnknownItem", "no such item").with_status(404))?
}
