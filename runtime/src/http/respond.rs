//! Writes the response to an HTTP request.

use super::encode;
use super::into_response::IntoResponse;
use super::kind::RequestKind;
use super::response::Response;
use crate::response::Reply;

/// Writes `response` to `reply`, in the format for a request of the given kind. Functions with
/// `#[lambda_handler(http)]` end with it.
///
/// An error with a status of 500 and above goes to the log once the response is sent, with the request
/// id and all causes. A response that HTTP does not allow becomes a `500`.
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
///         http::respond("hello", request.kind(), reply);
///         Ok(())
///     }
/// }
/// ```
pub fn respond(response: impl IntoResponse, kind: RequestKind, reply: &mut Reply) {
    write(response.into_response().or_refused(), kind, reply);
}

// Not generic, so a program contains it only once.
fn write(response: Response, kind: RequestKind, reply: &mut Reply) {
    encode::encode(&response, kind, reply.body_mut());
    reply.set_error(response.into_error());
}
