//! Answers an HTTP request.

// event: {"version":"2.0","rawPath":"/hello","rawQueryString":"name=Ada","headers":{},"requestContext":{"http":{"method":"GET","path":"/hello"}},"isBase64Encoded":false}
// reply: {"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"cookies":[],"body":"hello Ada","isBase64Encoded":false}

use lambda_native::http::Request;
use lambda_native::lambda_handler;

#[lambda_handler(http)]
async fn hello(request: Request<'_>) -> String {
    format!("hello {}", request.query("name").unwrap_or("world".into()))
}
