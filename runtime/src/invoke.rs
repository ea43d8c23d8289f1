//! The loop: take an invocation, call the handler, send its reply.

use std::convert::Infallible;
use std::fmt::Display;
use std::marker::PhantomData;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, ReplyTo};
use crate::context::Function;
use crate::{Context, Error, Failure, json};

/// A Lambda function: what stands between the loop and your code.
///
/// `#[lambda_handler]` writes the implementation for exactly one function's types, and
/// [`handler_fn`] makes one of a closure. Write it by hand to decide yourself how an event is read
/// and a reply written:
///
/// ```
/// use lambda_native::{Context, Failure, Handler, Reply};
///
/// /// Answers with the event.
/// struct Echo;
///
/// impl Handler for Echo {
///     async fn call(&self, event: &[u8], _: &Context, reply: &mut Reply) -> Result<(), Failure> {
///         reply.body_mut().extend_from_slice(event);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Lambda handler",
    note = "put `#[lambda_handler]` on the function, or wrap a closure in `lambda_native::handler_fn`"
)]
pub trait Handler {
    /// Answers one invocation: reads `event`, writes the answer to `reply`.
    ///
    /// # Errors
    /// The [`Failure`] is reported to Lambda in place of the reply, which is dropped; the loop goes
    /// on.
    fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply,
    ) -> impl Future<Output = Result<(), Failure>>;
}

/// The answer to one invocation while it is being written: one buffer, used again for the next.
#[derive(Debug, Default)]
pub struct Reply {
    body: Vec<u8>,
}

impl Reply {
    /// What is written so far.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The buffer that the answer is written to; at first it is empty.
    pub fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }
}

/// Makes a [`Handler`] of an async closure or function: events of an owned type in, replies out,
/// both as JSON.
///
/// ```no_run
/// use lambda_native::{Context, Failure, handler_fn, start};
///
/// async fn parse(number: String, _: &Context) -> Result<u32, Failure> {
///     Ok(number.parse()?)
/// }
///
/// fn main() -> std::process::ExitCode {
///     start(handler_fn(parse))
/// }
/// ```
pub fn handler_fn<F, E, R>(function: F) -> impl Handler
where
    F: AsyncFn(E, &Context) -> Result<R, Failure>,
    E: DeserializeOwned,
    R: Serialize,
{
    HandlerFn { function, types: PhantomData::<fn(E) -> R> }
}

struct HandlerFn<F, E, R> {
    function: F,
    types: PhantomData<fn(E) -> R>,
}

impl<F, E, R> Handler for HandlerFn<F, E, R>
where
    F: AsyncFn(E, &Context) -> Result<R, Failure>,
    E: DeserializeOwned,
    R: Serialize,
{
    async fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply,
    ) -> Result<(), Failure> {
        json::encode(&(self.function)(json::decode(event)?, context).await?, reply)
    }
}

/// The `main` of a function: [`run`]s `handler` on a tokio runtime of one thread, and says on
/// standard error why it ended, if it does.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::{Context, handler_fn};
///
/// fn main() -> ExitCode {
///     lambda_native::start(handler_fn(async |text: String, _: &Context| Ok(text.to_uppercase())))
/// }
/// ```
pub fn start(handler: impl Handler) -> ExitCode {
    let error = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let Err(error) = runtime.block_on(run(handler));
            error
        }
        Err(error) => Error::runtime(error),
    };
    error.report();
    ExitCode::FAILURE
}

/// Takes invocations from the Runtime API that `AWS_LAMBDA_RUNTIME_API` names and answers them with
/// `handler`, one after the other, for as long as the process lives.
///
/// It needs a tokio runtime with I/O enabled; [`start`] makes one.
///
/// # Errors
/// What cannot go on: the variable is not set, the Runtime API cannot be reached, says that it is in
/// a state that cannot be recovered, or is not understood. A handler's [`Failure`] is not among
/// them.
pub async fn run(handler: impl Handler) -> Result<Infallible, Error> {
    let authority = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(|_| Error::not_on_lambda())?;
    let mut client = Client::connect(&authority)?;
    let mut context = Context::of(Arc::new(Function::from_env()));
    let mut reply = Reply::default();
    loop {
        let invocation = client.next().await?;
        context.set(&invocation);
        reply.body.clear();
        let result = handler.call(invocation.payload, &context, &mut reply).await;
        let to = ReplyTo {
            request_id: &context.request_id,
            invocation_id: context.invocation_id.as_deref(),
        };
        match result {
            Ok(()) => client.respond(to, &reply.body).await?,
            Err(failure) => {
                log(&context.request_id, &failure);
                client.fail(to, &failure).await?;
            }
        }
    }
}

/// Writes a line about an invocation to the function's log, standard error, in the style of the
/// lines that Lambda writes there itself.
pub(crate) fn log(request_id: &str, what: &dyn Display) {
    eprintln!("ERROR RequestId: {request_id} {what}");
}
