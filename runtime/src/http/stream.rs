//! HTTP responses whose body is sent while it is being written.

use super::encode;
use super::kind::RequestKind;
use super::response::Response;
use crate::error::Error;
use crate::response::{Reply, ReplyWriter};

/// The media type of a response that begins with a prelude.
const CONTENT_TYPE: &str = "application/vnd.awslambda.http-integration-response";
/// The bytes between the prelude and the body.
const SEPARATOR: [u8; 8] = [0; 8];

/// Sends the status, the headers and the body of `head`, and returns a writer for the rest of the
/// body.
///
/// The caller must accept streams: a Function URL with the invoke mode `RESPONSE_STREAM`, or a REST API
/// whose integration has the response transfer mode `STREAM`.
///
/// ```
/// use lambda_native::http::{self, Request, Response};
/// use lambda_native::{Context, Error, Handler, Reply};
///
/// /// Sends a page while it is being made.
/// struct Page;
///
/// impl Handler for Page {
///     async fn call(
///         &self,
///         event: &[u8],
///         _: &Context,
///         reply: &mut Reply,
///     ) -> Result<(), Error> {
///         let request = Request::from_slice(event)?;
///         let head = Response::html("<ol>").with_cookie("seen=1");
///         let mut body = http::stream(head, reply).await?;
///         for step in 1..=3 {
///             body.write(format!("<li>{}: {step}</li>", request.path()).as_bytes()).await?;
///         }
///         body.write(b"</ol>").await?;
///         Ok(())
///     }
/// }
/// ```
///
/// # Errors
/// If HTTP does not allow the head, or the reader has gone away.
pub async fn stream(head: Response, reply: &mut Reply) -> Result<ReplyWriter<'_>, Error> {
    if let Some(fault) = head.fault() {
        return Err(fault);
    }
    let mut beginning = Vec::new();
    encode::prelude(&head, RequestKind::FunctionUrl, &mut beginning);
    beginning.extend_from_slice(&SEPARATOR);
    beginning.extend_from_slice(head.body());
    let mut writer = reply.stream(CONTENT_TYPE);
    writer.write(&beginning).await?;
    Ok(writer)
}

/// Sends the response of a function marked `stream` that has not begun to send one.
pub(crate) async fn end_stream(response: Response, reply: &mut Reply) -> Result<(), Error> {
    reply.set_error(response.error().cloned());
    stream(response, reply).await.map(drop)
}
