//! Handlers marked `http`.

use std::error::Error as StdError;

use super::OutputKind;
use crate::http::{self, IntoResponse, Request, RequestKind, Response, end_stream};
use crate::{Error, Reply};

/// The first parameter of a handler marked `http`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an HTTP request",
    label = "not an HTTP request",
    note = "a handler marked `http` takes a `lambda_native::http::Request<'_>`, and reads its body with `request.json()`"
)]
pub trait FromRequest<'r> {
    /// Makes the parameter.
    fn from_request(request: Request<'r>) -> Self;
}

impl<'r> FromRequest<'r> for Request<'r> {
    fn from_request(request: Request<'r>) -> Self {
        request
    }
}

/// Reads a request, and the kind of response that it asks for.
///
/// # Errors
/// If the event is not an HTTP request.
pub fn request<'r, T: FromRequest<'r>>(event: &'r [u8]) -> Result<(T, RequestKind), Error> {
    let request = Request::from_slice(event)?;
    let kind = request.kind();
    Ok((T::from_request(request), kind))
}

/// The request that a wrapper passes on, for a handler that takes it by value.
#[must_use]
pub fn passed<'r, T: FromRequest<'r>>(request: &Request<'r>) -> T {
    T::from_request(request.clone())
}

/// The error of a handler of HTTP requests, and the response that it makes.
#[derive(Debug)]
pub struct Failure {
    pub(super) error: Error,
    pub(super) response: Response,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { response: error.clone().into_response(), error }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.response
    }
}

/// A `Result` whose error makes a response.
pub trait RespondsWithError<T, E> {
    /// Converts the error.
    ///
    /// # Errors
    /// The converted error.
    fn result(&self, output: Result<T, E>) -> Result<T, Failure>;
}

impl<T, E: StdError + IntoResponse> RespondsWithError<T, E> for &&&&&OutputKind<Result<T, E>> {
    fn result(&self, output: Result<T, E>) -> Result<T, Failure> {
        output.map_err(|error| {
            let described = Error::from_ref(&error);
            Failure {
                response: error.into_response().with_error(described.clone()),
                error: described,
            }
        })
    }
}

/// Text is an error without a status, although it is a response as well.
impl<T, E: Text> RespondsWithError<T, E> for &&&&&&OutputKind<Result<T, E>> {
    fn result(&self, output: Result<T, E>) -> Result<T, Failure> {
        output.map_err(|text| Failure::from(Error::new("Error", text.into())))
    }
}

/// Owned or static text.
pub trait Text: Into<String> {}

impl Text for String {}
impl Text for &str {}

/// A `Result` whose error is a response and nothing else: a `Problem`, a status with a body.
pub trait IsResponse<T, E> {
    /// Converts the error.
    ///
    /// # Errors
    /// The converted error.
    fn result(&self, output: Result<T, E>) -> Result<T, Failure>;
}

impl<T, E: IntoResponse> IsResponse<T, E> for &OutputKind<Result<T, E>> {
    fn result(&self, output: Result<T, E>) -> Result<T, Failure> {
        output.map_err(|error| {
            let response = error.into_response();
            let status = response.status();
            let message = format!("the handler's error is a response with status {status}");
            let error = Error::new("Error", message);
            // Everything below says that the handler succeeded.
            if status < 300 {
                return Failure::from(error);
            }
            Failure { response: response.with_error(error.clone()), error }
        })
    }
}

/// Writes the response of a handler.
///
/// # Errors
/// As [`http::respond`].
pub fn respond(
    result: Result<impl IntoResponse, impl Into<Failure>>,
    kind: RequestKind,
    reply: &mut Reply,
) -> Result<(), Error> {
    let response = match result {
        Ok(value) => value.into_response(),
        Err(error) => error.into().into_response(),
    };
    http::respond(response, kind, reply)
}

/// Ends the response of a handler that wrote it itself.
///
/// # Errors
/// The handler's own error, if it failed after it began to respond.
pub async fn written(
    result: Result<impl super::Nothing, impl Into<Failure>>,
    reply: &mut Reply,
) -> Result<(), Error> {
    let failure = result.err().map(Into::into);
    if reply.is_begun() {
        return failure.map_or(Ok(()), |failure| Err(failure.error));
    }
    end_stream(failure.map_or_else(|| ().into_response(), Failure::into_response), reply).await
}
