//! Writes the response to an HTTP request.

use super::encode;
use super::into_response::IntoResponse;
use super::kind::RequestKind;
use super::request::Request;
use super::response::Response;
use crate::error::Error;
use crate::response::Reply;

/// Writes `response` to `reply`, in the format for a request of the given kind. Functions with
/// `#[lambda_handler(http)]` end with it.
///
/// An error with a status of 500 and above goes to the log once the response is sent, with the request
/// id and all causes. A response that HTTP does not allow becomes a `500`.
///
/// # Errors
/// The error behind the response, if it went through [`fail_invocation`].
///
/// ```
/// use lambda_native::http::{self, Request};
/// use lambda_native::{Context, Error, Handler, Reply};
///
/// struct Hello;
///
/// impl Handler for Hello {
///     async fn call(
///         &self,
///         event: &[u8],
///         _: &Context,
///         reply: &mut Reply,
///     ) -> Result<(), Error> {
///         let request = Request::from_slice(event)?;
///         http::respond("hello", request.kind(), reply)
///     }
/// }
/// ```
pub fn respond(
    response: impl IntoResponse,
    kind: RequestKind,
    reply: &mut Reply,
) -> Result<(), Error> {
    write(response.into_response().or_refused(), kind, reply)
}

// Not generic, so a program contains it only once.
fn write(response: Response, kind: RequestKind, reply: &mut Reply) -> Result<(), Error> {
    let response = response.or_failure()?;
    encode::encode(&response, kind, reply.body_mut());
    reply.set_error(response.into_error());
    Ok(())
}

/// A [wrapper](crate::lambda_handler#wrap) that fails the invocation when the handler fails.
///
/// Without it, an error becomes a response with a status of 500 and above, which is logged, and the invocation succeeds:
/// the client gets a body of the function's own, with the headers of its wrappers, such as those of CORS. With it,
/// Lambda gets the error in place of the response, counts it in the metric `Errors` of the function and marks the trace
/// as failed, and the API responds with its own `500` or `502`. Errors with a lower status stay responses.
///
/// ```no_run
/// use lambda_native::http::{self, Json};
/// use lambda_native::{Error, lambda_handler};
///
/// #[lambda_handler(named, get = "/total", wrap = http::fail_invocation)]
/// async fn total() -> Result<Json<u64>, Error> {
///     Ok(Json(std::fs::read_to_string("/tmp/total")?.trim().parse()?))
/// }
///
/// lambda_native::main!(total);
/// ```
///
/// In `main!(…, wrap = http::fail_invocation)`, it is for all handlers.
pub async fn fail_invocation(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    next(request).await.failing_invocation()
}
