//! What a function may return.

use std::borrow::Cow;

use serde::Serialize;

use super::{Body, Response};
use crate::Failure;

/// What a function may return as the answer to a request.
///
/// | value | response |
/// |---|---|
/// | [`Response`] | itself |
/// | `&'static str`, `String`, `Cow<'static, str>` | `200`, `text/plain; charset=utf-8` |
/// | `Vec<u8>`, `&'static [u8]` | `200`, `application/octet-stream` |
/// | [`Json`] | `200`, `application/json` |
/// | `()` | `204`, without a body |
/// | `u16` | that status, without a body |
/// | `(u16, T)` | that of `T`, with that status |
/// | `Option<T>` | that of `T`, else `404`, `{"message":"Not Found"}` |
/// | `Result<T, E>`, with an error that turns into a [`Failure`] | that of `T` or of the failure |
/// | [`Failure`] | its [`status`](Failure::status) and message; without one `500`, telling nothing |
///
/// ```
/// use lambda_native::http::{IntoResponse, Json};
///
/// let response = (201, Json(["tea", "ink"])).into_response();
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.header("content-type"), Some("application/json"));
/// assert_eq!(response.body(), br#"["tea","ink"]"#);
///
/// let read = std::fs::read_to_string("/no/such/file"); // a `Result<String, std::io::Error>`
/// let response = read.into_response();
/// assert_eq!(response.status(), 500);
/// assert_eq!(response.body(), br#"{"message":"Internal Server Error"}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an HTTP response",
    note = "return text, bytes, a `Response`, a `(u16, …)` with a status, or `Json(…)` of a type that is `Serialize`"
)]
pub trait IntoResponse {
    /// The response.
    fn into_response(self) -> Response;
}

/// A JSON body: `Json(value)` for any value that is `Serialize`.
///
/// A value that cannot be written as JSON is answered with a `500`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl IntoResponse for Response {
    fn into_response(self) -> Response {
        self
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => typed("application/json", body),
            Err(error) => {
                let message = format!("cannot write the response: {error}");
                Response::of(Failure::new("Runtime.MarshalError", message))
            }
        }
    }
}

impl IntoResponse for &'static str {
    fn into_response(self) -> Response {
        typed("text/plain; charset=utf-8", self)
    }
}

impl IntoResponse for String {
    fn into_response(self) -> Response {
        typed("text/plain; charset=utf-8", self)
    }
}

impl IntoResponse for Cow<'static, str> {
    fn into_response(self) -> Response {
        typed("text/plain; charset=utf-8", self)
    }
}

impl IntoResponse for &'static [u8] {
    fn into_response(self) -> Response {
        typed("application/octet-stream", self)
    }
}

impl IntoResponse for Vec<u8> {
    fn into_response(self) -> Response {
        typed("application/octet-stream", self)
    }
}

impl IntoResponse for () {
    fn into_response(self) -> Response {
        Response::new(204)
    }
}

impl IntoResponse for u16 {
    fn into_response(self) -> Response {
        Response::new(self)
    }
}

impl<T: IntoResponse> IntoResponse for (u16, T) {
    fn into_response(self) -> Response {
        let (status, value) = self;
        let response = value.into_response();
        // What went wrong is not made to look right.
        if response.failure().is_some() { response } else { response.with_status(status) }
    }
}

impl<T: IntoResponse> IntoResponse for Option<T> {
    fn into_response(self) -> Response {
        match self {
            Some(value) => value.into_response(),
            None => Response::new(404).with_message("Not Found"),
        }
    }
}

impl<T: IntoResponse, E: Into<Failure>> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => Response::of(error.into()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        Response::of(self)
    }
}

fn typed(content_type: &'static str, body: impl Into<Body<'static>>) -> Response {
    Response::new(200).with_header("content-type", content_type).with_body(body)
}
