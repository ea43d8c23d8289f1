//! The loop: take an invocation, call the handler, send its reply.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Outlet, ReplyTo};
use crate::context::Function;
use crate::stream::{Progress, Writer};
use crate::{Context, Error, Failure, json, panic};

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
///     async fn call(
///         &self,
///         event: &[u8],
///         _: &Context,
///         reply: &mut Reply<'_>,
///     ) -> Result<(), Failure> {
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
    /// Answers one invocation: reads `event`, writes the answer to `reply`.
    ///
    /// # Errors
    /// The [`Failure`] is reported to Lambda in place of the reply, which is dropped; the loop goes
    /// on.
    fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply<'_>,
    ) -> impl Future<Output = Result<(), Failure>>;
}

/// The answer to one invocation while it is being written: into a buffer, which is used again for
/// the next, or [streamed](Reply::stream) to the caller.
#[derive(Debug, Default)]
pub struct Reply<'c> {
    pub(crate) body: Vec<u8>,
    pub(crate) outlet: Option<Outlet<'c>>,
}

impl Reply<'_> {
    /// What is written to the buffer so far.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The buffer that the answer is written to; at first it is empty.
    pub fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }

    /// Sends the answer while it is being written, in place of the buffer. `content_type` is what
    /// the Runtime API is told of it.
    ///
    /// The function must be called in a way that takes streams: a Function URL in the invoke mode
    /// `RESPONSE_STREAM`, or `InvokeWithResponseStream`.
    pub fn stream<'r>(&'r mut self, content_type: &'r str) -> Writer<'r> {
        Writer::new(self, content_type)
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
    F: AsyncFn(E, &Context) -> Result<R, Failure> + Send + Sync + 'static,
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
    F: AsyncFn(E, &Context) -> Result<R, Failure> + Send + Sync + 'static,
    E: DeserializeOwned + 'static,
    R: Serialize + 'static,
{
    async fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply<'_>,
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
    start_with(async || Ok(handler))
}

/// As [`start`], with a handler that `init` makes: once, before the first event, while Lambda still
/// gives the whole CPU.
///
/// What `init` makes and the handler holds is shared by all calls: clients, tables, secrets. If it
/// fails, Lambda is told so and the process ends.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use lambda_native::{Context, Failure, handler_fn};
///
/// async fn init() -> Result<u64, Failure> {
///     Ok(std::env::var("FACTOR")?.parse()?)
/// }
///
/// fn main() -> ExitCode {
///     lambda_native::start_with(async || {
///         let factor = init().await?;
///         Ok(handler_fn(async move |number: u64, _: &Context| Ok(number * factor)))
///     })
/// }
/// ```
pub fn start_with<H: Handler>(init: impl AsyncFnOnce() -> Result<H, Failure>) -> ExitCode {
    start_on(&mut tokio::runtime::Builder::new_current_thread(), init)
}

/// As [`start_with`], on a tokio runtime with `worker_threads` threads beside the first, for
/// functions that spawn tasks; `None` for one for each CPU.
#[cfg(feature = "multi-thread")]
pub fn start_multi_thread_with<H: Handler>(
    worker_threads: Option<std::num::NonZeroUsize>,
    init: impl AsyncFnOnce() -> Result<H, Failure>,
) -> ExitCode {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(count) = worker_threads {
        builder.worker_threads(count.get());
    }
    start_on(&mut builder, init)
}

fn start_on<H: Handler>(
    builder: &mut tokio::runtime::Builder,
    init: impl AsyncFnOnce() -> Result<H, Failure>,
) -> ExitCode {
    let error = match builder.enable_all().build() {
        Ok(runtime) => {
            let Err(error) = runtime.block_on(run_with(init));
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
    run_with(async || Ok(handler)).await
}

/// As [`run`], with a handler that `init` makes, as in [`start_with`].
///
/// # Errors
/// As [`run`], and the failure of `init`, after it was reported to Lambda.
pub async fn run_with<H: Handler>(
    init: impl AsyncFnOnce() -> Result<H, Failure>,
) -> Result<Infallible, Error> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(|_| Error::not_on_lambda())?;
    panic::report_to(&api);
    let context = Context::of(Arc::new(Function::from_env()));
    let handler = match panic::catch(&context, init()).await {
        Ok(handler) => Arc::new(handler),
        Err(failure) => {
            Client::connect(&api)?.fail_init(&failure).await?;
            return Err(Error::init());
        }
    };
    #[cfg(feature = "concurrency")]
    crate::concurrency::start_others(&handler, &api, &context)?;
    answer_events(&*handler, &api, context).await
}

/// The loop.
pub(crate) async fn answer_events<H: Handler>(
    handler: &H,
    api: &str,
    mut context: Context,
) -> Result<Infallible, Error> {
    panic::report_to(api);
    let mut client = Client::connect(api)?;
    let mut body = Vec::new();
    loop {
        let (invocation, outlet) = client.next().await?;
        context.set(&invocation);
        body.clear();
        let mut reply = Reply { body, outlet: Some(outlet) };
        let call = handler.call(invocation.payload, &context, &mut reply);
        let result = panic::catch(&context, call).await;
        let sent = reply.finish(result.as_ref().err()).await;
        body = reply.body;

        let to = ReplyTo {
            request_id: &context.request_id,
            invocation_id: context.invocation_id.as_deref(),
        };
        match (sent, result) {
            (Progress::Nothing, Ok(())) => client.respond(to, &body).await?,
            (Progress::Nothing, Err(failure)) => client.fail(to, &failure).await?,
            (Progress::Begun, _) => client.streamed(to).await?,
            (Progress::Broken, _) => client.abandon(),
        }
    }
}
