//! Streams an HTTP response, among modules and types with the names that the emitted code uses.

// event: {"version":"2.0","rawPath":"/","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET","path":"/"}},"isBase64Encoded":false}
// streams: 34\r\n{"statusCode":204,"headers":{},"cookies":[]}\x00\x00\x00\x00\x00\x00\x00\x00\r\n0\r\n\r\n

#![forbid(unsafe_code)]
#![deny(warnings)]

use ::lambda_native::lambda_handler;

mod core {}
mod std {}
mod alloc {}
mod http {}
mod serde {}
mod lambda_native {}
mod tokio {}

#[expect(dead_code)]
struct Handler;
#[expect(dead_code)]
struct Failure;
#[expect(dead_code)]
struct Free;
#[expect(dead_code)]
struct Special;

#[lambda_handler(http, stream)]
async fn nothing(_: ::lambda_native::http::Request<'_>, _: &mut ::lambda_native::Reply) {}
