//! Streams a page, and fails before it begins.

// event: {"version":"2.0","rawPath":"/","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET","path":"/"}},"isBase64Encoded":false}
// streams: 60\r\n{"statusCode":200,"headers":{"content-type":"text/html; charset=utf-8"},"cookies":[]}\x00\x00\x00\x00\x00\x00\x00\x00<p>\r\n5\r\nhello\r\n0\r\n\r\n
// event: {"version":"2.0","rawPath":"/no","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET","path":"/no"}},"isBase64Encoded":false}
// streams: 6f\r\n{"statusCode":404,"headers":{"content-type":"application/json"},"cookies":[]}\x00\x00\x00\x00\x00\x00\x00\x00{"message":"no such page"}\r\n0\r\n\r\n
// event: {"version":"2.0","rawPath":"/nothing","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET","path":"/nothing"}},"isBase64Encoded":false}
// streams: 34\r\n{"statusCode":204,"headers":{},"cookies":[]}\x00\x00\x00\x00\x00\x00\x00\x00\r\n0\r\n\r\n

use lambda_native::http::{self, Request, Response};
use lambda_native::{Error, Reply, lambda_handler};

#[lambda_handler(http, stream)]
async fn page(request: Request<'_>, reply: &mut Reply) -> Result<(), Error> {
    match request.path() {
        "/no" => return Err(Error::new("NoSuchPage", "no such page").with_status(404)),
        "/nothing" => return Ok(()),
        _ => {}
    }
    let mut page = http::stream(Response::html("<p>"), reply).await?;
    page.write(b"hello").await?;
    Ok(())
}
