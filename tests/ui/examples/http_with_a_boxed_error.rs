//! Answers HTTP requests, with boxed errors, a context and a state.

// event: {"version":"2.0","rawPath":"/","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET","path":"/"}},"isBase64Encoded":false}
// reply: {"statusCode":500,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"message\":\"Internal Server Error\"}","isBase64Encoded":false}

use std::error::Error;

use lambda_native::http::{Json, Request};
use lambda_native::{Context, lambda_handler};

fn factor() -> u32 {
    3
}

#[lambda_handler(http, init = factor)]
async fn times(
    request: Request<'_>,
    _: &Context,
    factor: &u32,
) -> Result<Json<u32>, Box<dyn Error>> {
    let number: u32 = request.query("number").ok_or("no number")?.parse()?;
    Ok(Json(number * factor))
}
