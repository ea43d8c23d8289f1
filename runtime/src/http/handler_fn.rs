//! Functions of requests as handlers, without the macro.

use std::marker::PhantomData;

use super::into_response::IntoResponse;
use super::request::Request;
use super::respond::respond;
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::response::Reply;

/// Makes a [`Handler`] from an async function or closure, which takes a request and returns a response.
///
/// A wrapper is an async function too, which calls the rest or does not. The macros call it for `wrap =
/// function`, and a program without them calls it itself:
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::http::{self, IntoResponse, Problem, Request, Response};
/// use lambda_native::{Context, start};
///
/// async fn with_key(
///     request: &Request<'_>,
///     next: impl AsyncFnOnce(&Request<'_>) -> Response,
/// ) -> Response {
///     if request.header("x-api-key") != Some("secret") {
///         return Problem::new(401).into_response();
///     }
///     next(request).await
/// }
///
/// async fn hello(request: &Request<'_>) -> Response {
///     format!("hello, {}", request.path()).into_response()
/// }
///
/// fn main() -> ExitCode {
///     start(http::handler_fn(async |request: &Request<'_>, _: &Context| {
///         with_key(request, hello).await
///     }))
/// }
/// ```
pub fn handler_fn<F, R>(function: F) -> HandlerFn<F, R>
where
    F: AsyncFn(&Request<'_>, &Context) -> R,
{
    HandlerFn { function, response: PhantomData::<fn() -> R> }
}

/// The handler that [`handler_fn`] makes.
#[derive(Clone, Debug)]
pub struct HandlerFn<F, R> {
    function: F,
    response: PhantomData<fn() -> R>,
}

impl<F, R> Handler for HandlerFn<F, R>
where
    F: AsyncFn(&Request<'_>, &Context) -> R + Send + Sync + 'static,
    R: IntoResponse + 'static,
{
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        let request = Request::from_slice(event)?;
        let response = (self.function)(&request, context).await;
        respond(response, request.kind(), reply)
    }
}
