//! The one trait between the event loop and a function.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Context;
use crate::error::Error;
use crate::json;
use crate::response::Reply;

/// A Lambda function.
///
/// `#[lambda_handler]` implements it for exactly one function's types, and [`handler_fn`] makes one
/// from a closure. Implement it by hand to decide yourself how to read an event and how to write a
/// response:
///
/// ```
/// use lambda_native::{Context, Error, Handler, Reply};
///
/// /// Returns the event.
/// struct Echo;
///
/// impl Handler for Echo {
///     async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply) -> Result<(), Error> {
///         reply.body_mut().extend_from_slice(event);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Lambda handler",
    note = "put `#[lambda_handler]` on the function, or wrap a closure in `lambda_native::handler_fn`"
)]
pub trait Handler: Send + Sync + 'static {
    /// Handles one invocation: reads `event`, and writes the response to `reply`.
    ///
    /// # Errors
    /// Lambda gets the [`Error`] instead of the response, and the loop goes on.
    fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply,
    ) -> impl Future<Output = Result<(), Error>>;
}

/// Makes a [`Handler`] from an async function or closure, which takes an owned event and returns a
/// response, both as JSON.
///
/// ```no_run
/// use lambda_native::{Context, Error, handler_fn, start};
///
/// async fn parse(number: String, _: &Context) -> Result<u32, Error> {
///     Ok(number.parse()?)
/// }
///
/// fn main() -> std::process::ExitCode {
///     start(handler_fn(parse))
/// }
/// ```
pub fn handler_fn<F, E, R>(function: F) -> impl Handler
where
    F: AsyncFn(E, &Context) -> Result<R, Error> + Send + Sync + 'static,
    E: DeserializeOwned + 'static,
    R: Serialize + 'static,
{
    HandlerFn { function, types: PhantomData::<fn(E) -> R> }
}

struct HandlerFn<F, E, R> {
    function: F,
    types: PhantomData<fn(E) -> R>,
}

impl<F, E, R> Handler for HandlerFn<F, E, R>
where
    F: AsyncFn(E, &Context) -> Result<R, Error> + Send + Sync + 'static,
    E: DeserializeOwned + 'static,
    R: Serialize + 'static,
{
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        json::encode(&(self.function)(json::decode(event)?, context).await?, reply)
    }
}
