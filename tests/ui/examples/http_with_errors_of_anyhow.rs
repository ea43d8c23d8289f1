//! Answers HTTP requests, with errors of `anyhow`.

// event: {"version":"2.0","rawPath":"/","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET","path":"/"}},"isBase64Encoded":false}
// reply: {"statusCode":500,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}

use anyhow::Context as _;
use lambda_native::http::Request;
use lambda_native::lambda_handler;

#[lambda_handler(http)]
async fn hello(request: Request<'_>) -> anyhow::Result<String> {
    let name = request.query("name").context("no name")?;
    Ok(format!("hello {name}"))
}
