//! The event loop: get an invocation, call the handler, send its response.

#[cfg(feature = "concurrency")]
mod concurrency;
pub(crate) mod panic;
#[cfg(feature = "shutdown")]
pub mod shutdown;
#[cfg(feature = "snap-start")]
pub mod snap_start;
pub(crate) mod start;

use std::convert::Infallible;

use crate::context::Context;
use crate::error::RuntimeError;
use crate::handler::Handler;
use crate::logging::line::log;
use crate::response::Reply;
use crate::runtime_api::Client;
use crate::runtime_api::request::Endpoint;
use crate::runtime_api::stream::Progress;

/// Handles invocations on a new connection until it fails.
async fn run_loop<H: Handler>(
    handler: &H,
    endpoint: &Endpoint,
    context: &mut Context,
) -> Result<Infallible, RuntimeError> {
    panic::report_to(endpoint);
    let mut client = Client::connect(endpoint)?;
    let mut reply = Reply::new(client.response_stream());
    #[cfg(feature = "aws-sdk")]
    let _counted = crate::aws_sdk::EventLoop::new();
    loop {
        let (invocation, socket) = client.next().await?;
        invocation.fill(context);
        #[cfg(feature = "aws-sdk")]
        crate::aws_sdk::set_trace_id(context);
        reply.begin(&invocation, socket);
        let call = handler.call(invocation.payload, context, &mut reply);
        #[cfg(feature = "tracing")]
        let call = {
            let span = crate::logging::invocation_span(&context.request_id);
            tracing::Instrument::instrument(call, span)
        };
        let result = panic::catch(context, call).await;
        let (progress, socket) = reply.finish(result.as_ref().err()).await;

        client.return_socket(socket);
        let ids = (&*context).into();
        let sent = match (progress, &result) {
            (Progress::Nothing, Ok(())) => client.respond(ids, reply.body()).await,
            (Progress::Nothing, Err(error)) => client.fail(ids, error).await,
            (Progress::Begun, _) => client.streamed(ids).await,
            // The connection is closed already: nobody reads the response any more.
            (Progress::Broken, _) => Ok(()),
        };
        // Only now: a log that nobody reads can block, and Lambda must hear of the error before.
        if let Some(error) = result.err().or_else(|| reply.take_error()) {
            log(&context.request_id, &error);
        }
        if let Err(error) = panic::catch_after(handler.after(context)).await {
            log(&context.request_id, &error);
        }
        sent?;
    }
}
