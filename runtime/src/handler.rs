//! The one trait between the event loop and a function.

use std::future::ready;
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

    /// Runs after each invocation, once Lambda has its response or its error, and before the next event is
    /// requested: the place to flush telemetry. [`after`] adds it to any handler, and `after = function` to
    /// one of the macros.
    ///
    /// The caller does not wait for it. Its time still counts as the invocation's: it is billed, and the
    /// function's timeout includes it. A panic that unwinds is logged, and the loop goes on.
    fn after(&self, _context: &Context) -> impl Future<Output = ()> {
        ready(())
    }
}

/// Adds a hook to a handler. It runs after each invocation, as [`Handler::after`] explains.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::{Context, after, handler_fn, start};
///
/// async fn flush(context: &Context) {
///     println!("send the spans within {:?}", context.remaining_time());
/// }
///
/// fn main() -> ExitCode {
///     let shout = handler_fn(async |text: String, _: &Context| Ok(text.to_uppercase()));
///     start(after(shout, flush))
/// }
/// ```
pub fn after<H, F>(handler: H, hook: F) -> impl Handler
where
    H: Handler,
    F: AsyncFn(&Context) + Send + Sync + 'static,
{
    WithHook { handler, hook }
}

struct WithHook<H, F> {
    handler: H,
    hook: F,
}

impl<H, F> Handler for WithHook<H, F>
where
    H: Handler,
    F: AsyncFn(&Context) + Send + Sync + 'static,
{
    async fn call(&self, event: &[u8], context: &Context, reply: &mut Reply) -> Result<(), Error> {
        self.handler.call(event, context, reply).await
    }

    async fn after(&self, context: &Context) {
        (self.hook)(context).await;
        self.handler.after(context).await;
    }
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
pub fn handler_fn<F, E, R>(function: F) -> HandlerFn<F, E, R>
where
    F: AsyncFn(E, &Context) -> Result<R, Error>,
{
    HandlerFn { function, types: PhantomData::<fn(E) -> R> }
}

/// The handler that [`handler_fn`] makes.
///
/// The bounds of event and response stand only where it is a [`Handler`], so that the compiler reports a wrong type
/// once.
#[derive(Clone, Debug)]
pub struct HandlerFn<F, E, R> {
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
