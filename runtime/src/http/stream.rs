//! Responses whose body is sent while it is being written.

use super::{Kind, Response, encode, log_failure};
use crate::stream::Writer;
use crate::{Context, Failure, Reply};

/// What the Runtime API is told of a reply that begins with a prelude.
const CONTENT_TYPE: &str = "application/vnd.awslambda.http-integration-response";
/// What stands between the prelude and the body.
const SEPARATOR: [u8; 8] = [0; 8];

/// Sends the status, the headers and the body of `head`, and gives the writer for the rest of the
/// body.
///
/// The caller must take streams: a Function URL in the invoke mode `RESPONSE_STREAM`, or a REST API
/// whose integration has the response transfer mode `STREAM`.
///
/// ```
/// use lambda_native::http::{self, Request, Response};
/// use lambda_native::{Context, Failure, Handler, Reply};
///
/// /// Sends a page as it is made.
/// struct Page;
///
/// impl Handler for Page {
///     async fn call(
///         &self,
///         event: &[u8],
///         _: &Context,
///         reply: &mut Reply<'_>,
///     ) -> Result<(), Failure> {
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
/// The head has something that HTTP does not allow, or the reader has gone away.
pub async fn stream<'r>(head: Response, reply: &'r mut Reply<'_>) -> Result<Writer<'r>, Failure> {
    if let Some(fault) = head.fault() {
        return Err(fault);
    }
    let mut beginning = Vec::new();
    encode::prelude(&head, Kind::FunctionUrl, &mut beginning);
    beginning.extend_from_slice(&SEPARATOR);
    beginning.extend_from_slice(head.body());
    let mut writer = reply.stream(CONTENT_TYPE);
    writer.write(&beginning).await?;
    Ok(writer)
}

/// Ends the answer of a function that was marked `stream`: if it never began, the failure is
/// answered as one of any other function is.
pub(crate) async fn end_stream(
    result: Result<(), Failure>,
    context: &Context,
    reply: &mut Reply<'_>,
) -> Result<(), Failure> {
    if reply.is_begun() {
        return result;
    }
    let response = match result {
        Ok(()) => Response::new(204),
        Err(failure) => Response::of(failure),
    };
    log_failure(&response, context);
    stream(response, reply).await.map(drop)
}
