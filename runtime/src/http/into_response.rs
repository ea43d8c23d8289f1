//! The types that a function can return.

use std::borrow::Cow;

use serde::Serialize;

use super::body::Body;
use super::response::Response;
use crate::error::Error;

/// A type that a function can return as the response to a request.
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
/// | `([(name, value); N], T)`, `(u16, [(name, value); N], T)` | that of `T`, with these headers |
/// | [`Created`](super::Created), [`NoContent`](super::NoContent), [`Redirect`](super::Redirect) | `201`, `204`, `303` or another redirect |
/// | [`Problem`](super::Problem) | its status, `application/problem+json` |
/// | [`serde_json::Value`](https://docs.rs/serde_json/latest/serde_json/enum.Value.html) | `200`, `application/json` |
/// | `http::StatusCode`, `(StatusCode, T)`, `(StatusCode, HeaderMap, T)`, `http::Response` | the same with the types of the `http` crate (feature `http-types`) |
/// | `Option<T>` | that of `T`, or `404`, `{"message":"Not Found"}` |
/// | `Result<T, E>`, with an error that converts to [`Error`] | that of `T` or of the error |
/// | [`Error`] | its [`status`](Error::status) and message, or a bare `500` without a status |
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
    /// Converts the value.
    fn into_response(self) -> Response;
}

/// A JSON body: `Json(value)` for any value that is `Serialize`.
///
/// A value that cannot be written as JSON becomes a `500`.
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
                Response::of(Error::new("Runtime.MarshalError", message))
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
        // A status must not hide an error.
        if response.error().is_some() { response } else { response.with_status(status) }
    }
}

impl<N, V, T, const COUNT: usize> IntoResponse for ([(N, V); COUNT], T)
where
    N: Into<Cow<'static, str>>,
    V: Into<Cow<'static, str>>,
    T: IntoResponse,
{
    fn into_response(self) -> Response {
        let (headers, value) = self;
        headers.into_iter().fold(value.into_response(), |response, (name, value)| {
            response.with_added_header(name, value)
        })
    }
}

impl<N, V, T, const COUNT: usize> IntoResponse for (u16, [(N, V); COUNT], T)
where
    N: Into<Cow<'static, str>>,
    V: Into<Cow<'static, str>>,
    T: IntoResponse,
{
    fn into_response(self) -> Response {
        let (status, headers, value) = self;
        (status, (headers, value)).into_response()
    }
}

impl IntoResponse for serde_json::Value {
    fn into_response(self) -> Response {
        Json(self).into_response()
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

impl<T: IntoResponse, E: Into<Error>> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => Response::of(error.into()),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Response::of(self)
    }
}

fn typed(content_type: &'static str, body: impl Into<Body<'static>>) -> Response {
    Response::new(200).with_header("content-type", content_type).with_body(body)
}
