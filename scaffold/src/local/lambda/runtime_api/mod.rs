//! The Runtime API of one instance: the requests of its function, and Lambda's responses.
//!
//! Paths, statuses, headers and bodies are Lambda's; those that its documentation does not specify are
//! taken from its Runtime Interface Emulator.

mod concurrent;
mod extensions;
mod request_body;
mod responses;

use std::sync::Arc;
use std::time::Instant;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Method, Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use self::concurrent::ConcurrentInvocations;
use self::extensions::Extensions;
use self::request_body::{MAX_RESPONSE, RequestBody, read, reported, stream_error};
use self::responses::{
    accepted, event, expired, forbidden, invalid_request_id, not_found, not_supported, refused,
    text, too_large, truncated,
};
use super::configuration::FunctionConfiguration;
use super::function_error::{FunctionError, error_body};
use super::invocation::{FunctionResponse, PendingInvocation, StreamPart, StreamedResponse};
use crate::aws::MAX_STREAM;
use crate::local::access::AccessPolicy;
use crate::local::connections;
use crate::local::connections::Ends;

/// The number of parts of a streamed response that wait for the caller before the function has to.
const MAX_WAITING_PARTS: usize = 16;

const RESPONSE_MODE: &str = "Lambda-Runtime-Function-Response-Mode";

/// The phase of an instance's life. Each request of the function leads to the next one.
#[derive(Debug)]
pub(super) enum Phase {
    /// The process has started and has not asked for an event.
    Starting,
    /// The function has reported that it cannot start.
    InitFailed(FunctionError),
    /// The function waits for an event.
    Ready,
    /// An event waits for the function.
    Queued(PendingInvocation),
    /// The function handles an event.
    Running(PendingInvocation, Instant),
    /// The function has asked for its first event, and handles several at a time.
    Concurrent,
    /// The function has responded to the event of this id and has not asked for another: the
    /// invocation is not over.
    Responded(String),
}

impl Phase {
    /// The name of the state in Lambda's messages.
    fn name(&self) -> &'static str {
        match self {
            Self::Starting => "Started",
            Self::InitFailed(_) => "InitError",
            Self::Ready | Self::Queued(_) | Self::Concurrent => "Ready",
            Self::Running(..) => "Running",
            Self::Responded(_) => "RuntimeResponseSentState",
        }
    }
}

/// The Runtime API of one instance.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    phase: watch::Sender<Phase>,
    extensions: Extensions,
    /// The invocations of a function that handles several at a time.
    concurrent: Option<ConcurrentInvocations>,
}

/// The two requests that end an invocation.
#[derive(Clone, Copy)]
enum Ending {
    Response,
    Error,
}

impl RuntimeApi {
    pub(super) fn new(function: Arc<FunctionConfiguration>) -> Self {
        Self {
            phase: watch::Sender::new(Phase::Starting),
            concurrent: function.max_concurrency.map(|_| ConcurrentInvocations::new()),
            extensions: Extensions::new(function),
        }
    }

    /// Waits until the function and its extensions ask for an event.
    pub(super) async fn ready(&self) -> Result<(), FunctionError> {
        let ready = async {
            let mut phase = self.phase.subscribe();
            let is_over = |phase: &Phase| {
                matches!(phase, Phase::Ready | Phase::Concurrent | Phase::InitFailed(_))
            };
            // Waiting fails only without a sender, and `self` has it.
            if let Ok(phase) = phase.wait_for(is_over).await
                && let Phase::InitFailed(error) = &*phase
            {
                return Err(error.clone());
            }
            self.extensions.ready().await;
            Ok(())
        };
        tokio::select! {
            biased;
            ready = ready => ready,
            error = self.extensions.failed() => Err(error),
        }
    }

    /// Waits until an extension reports an error.
    pub(super) async fn extension_failed(&self) -> FunctionError {
        self.extensions.failed().await
    }

    /// Tells whether the function has registered extensions.
    pub(super) fn has_extensions(&self) -> bool {
        self.extensions.are_registered()
    }

    /// Waits until a call of `next` waits for an event that nobody else has claimed.
    pub(super) async fn claim_poll(&self) {
        match &self.concurrent {
            Some(concurrent) => concurrent.claim_poll().await,
            None => std::future::pending().await,
        }
    }

    /// Waits until an invocation of a function that handles several at a time has ended, with its stream if it
    /// has one.
    pub(super) async fn ended(&self, request_id: &str) {
        match &self.concurrent {
            Some(concurrent) => concurrent.ended(request_id).await,
            None => std::future::pending().await,
        }
    }

    /// Ends an invocation that has taken too long, if it runs beside others. Otherwise the function's process
    /// ends.
    pub(super) fn cut_off(&self, request_id: &str) {
        if let Some(concurrent) = &self.concurrent {
            concurrent.cut_off(request_id);
        }
    }

    /// Tells whether an invocation of a function that handles several at a time has no response.
    pub(super) fn is_busy(&self) -> bool {
        self.concurrent.as_ref().is_some_and(ConcurrentInvocations::is_busy)
    }

    /// Hands out `invocation` to the next call of `next`.
    pub(super) fn queue(&self, invocation: PendingInvocation) {
        if let Some(concurrent) = &self.concurrent {
            // On Managed Instances, extensions do not get the event `INVOKE`.
            concurrent.queue(invocation);
            return;
        }
        self.extensions.invoke(&invocation);
        self.phase.send_replace(Phase::Queued(invocation));
    }

    /// Serves the API until the future is dropped.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let answer = move |request, ends| {
            let api = Arc::clone(&self);
            async move { api.answer(request, ends).await }
        };
        connections::serve(listener, None, answer).await;
    }

    async fn answer(&self, request: Request<Incoming>, ends: Ends) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        if let Err(refusal) = AccessPolicy::loopback().check_internal(&head, ends.local) {
            return refused(&refusal);
        }
        let path = head.uri.path();
        if let Some(path) = path.strip_prefix("/2020-01-01/extension/") {
            let is_open = matches!(*self.phase.borrow(), Phase::Starting);
            return self.extensions.answer(&head, path, body, is_open).await;
        }
        match (&head.method, path) {
            (&Method::PUT, "/2020-08-15/logs") => return not_supported("Logs"),
            (&Method::PUT, "/2022-07-01/telemetry") => return not_supported("Telemetry"),
            _ => {}
        }
        let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
            return not_found();
        };
        let path: Vec<_> = path.split('/').collect();
        match (&head.method, path.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                self.end(id, Ending::Response, &head.headers, body).await
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                self.end(id, Ending::Error, &head.headers, body).await
            }
            (&Method::POST, ["init", "error"]) => self.init_error(&head.headers, body).await,
            (
                _,
                ["invocation", "next"]
                | ["invocation", _, "response" | "error"]
                | ["init", "error"],
            ) => text(StatusCode::METHOD_NOT_ALLOWED, ""),
            _ => not_found(),
        }
    }

    /// Waits until there is an event. A running one is handed out again: the function can have lost
    /// the connection on which it arrived.
    async fn next(&self) -> Response<Full<Bytes>> {
        if let Some(concurrent) = &self.concurrent {
            self.advance(|phase| match phase {
                Phase::Starting => Phase::Concurrent,
                phase => phase,
            });
            return concurrent.next().await;
        }
        self.advance(|phase| match phase {
            Phase::Starting | Phase::Responded(_) => Phase::Ready,
            phase => phase,
        });
        // Waiting fails only without a sender, and `self` has it.
        let _ = self.phase.subscribe().wait_for(|phase| !matches!(phase, Phase::Ready)).await;

        let mut response = None;
        self.advance(|phase| match phase {
            Phase::Queued(invocation) => {
                response = Some(event(&invocation));
                Phase::Running(invocation, Instant::now())
            }
            Phase::Running(invocation, since) => {
                response = Some(event(&invocation));
                Phase::Running(invocation, since)
            }
            phase => phase,
        });
        response.unwrap_or_else(|| self.forbid("Ready"))
    }

    async fn end(
        &self,
        request_id: &str,
        ending: Ending,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Response<Full<Bytes>> {
        if let Some(response) = self.refuse_end(request_id, ending) {
            return response;
        }
        if matches!(ending, Ending::Response)
            && headers.get(RESPONSE_MODE).is_some_and(|mode| mode == "streaming")
            && let Some(parts) = self.start_stream(request_id, headers)
        {
            return self.stream(request_id, body, parts).await;
        }
        let Ok(body) = read(body).await else { return truncated() };
        let (result, response) = match (body, ending) {
            (RequestBody::Complete(payload), Ending::Response) => {
                (Ok(FunctionResponse::Buffered(payload)), accepted())
            }
            (RequestBody::Complete(payload), Ending::Error) => {
                (Err(reported(headers, payload)), accepted())
            }
            (RequestBody::Failed(error), _) => (Err(error), accepted()),
            (RequestBody::TooLarge { size }, _) => (
                Err(FunctionError::ResponseTooLarge { size, limit: MAX_RESPONSE }),
                too_large(MAX_RESPONSE),
            ),
        };

        // Another connection can have responded while the body was read.
        if let Some(response) = self.refuse_end(request_id, ending) {
            return response;
        }
        if let Some(concurrent) = &self.concurrent {
            if let Some((mut pending, since)) = concurrent.end(request_id) {
                pending.respond(result, since.elapsed());
            }
            return response;
        }
        self.advance(|phase| match phase {
            Phase::Running(mut pending, since) => {
                pending.respond(result, since.elapsed());
                Phase::Responded(pending.invocation.request_id)
            }
            phase => phase,
        });
        response
    }

    /// Responds with a stream if the caller accepts one.
    fn start_stream(
        &self,
        request_id: &str,
        headers: &HeaderMap,
    ) -> Option<mpsc::Sender<StreamPart>> {
        let start = |pending: &mut PendingInvocation, since: Instant| {
            if !pending.invocation.accepts_stream || pending.has_response() {
                return None;
            }
            let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let content_type = content_type.map(str::to_owned);
            let (sender, parts) = mpsc::channel(MAX_WAITING_PARTS);
            let response = StreamedResponse { content_type, parts };
            pending.respond(Ok(FunctionResponse::Streamed(response)), since.elapsed());
            Some(sender)
        };
        if let Some(concurrent) = &self.concurrent {
            return concurrent.with_running(request_id, start).flatten();
        }
        let mut sender = None;
        self.phase.send_if_modified(|phase| {
            if let Phase::Running(pending, since) = phase {
                sender = start(pending, *since);
            }
            false
        });
        sender
    }

    /// Passes the parts on as they arrive, at the caller's pace. If the caller is gone, the rest is
    /// discarded. A response that becomes too large is cut off.
    async fn stream(
        &self,
        request_id: &str,
        mut body: Incoming,
        parts: mpsc::Sender<StreamPart>,
    ) -> Response<Full<Bytes>> {
        let mut response = accepted();
        let mut end = Ok(());
        let mut size = 0;
        loop {
            let frame = tokio::select! {
                biased;
                () = self.ended(request_id) => return expired(),
                frame = body.frame() => frame,
            };
            let Some(frame) = frame else { break };
            match frame.map(Frame::into_data) {
                Ok(Ok(mut data)) => {
                    size += data.len();
                    let excess = size.saturating_sub(MAX_STREAM);
                    data.truncate(data.len() - excess);
                    let _ = parts.send(StreamPart::Data(data)).await;
                    if excess > 0 {
                        response = too_large(MAX_STREAM);
                        end = Err(FunctionError::ResponseTooLarge { size, limit: MAX_STREAM });
                        break;
                    }
                }
                Ok(Err(frame)) => end = stream_error(frame).map_or(Ok(()), Err),
                Err(_) => {
                    response = truncated();
                    let error_type = "Runtime.TruncatedResponse";
                    end = Err(FunctionError::Reported {
                        error_type: error_type.to_owned(),
                        payload: error_body(error_type, "the response was cut off").into(),
                    });
                }
            }
        }
        let _ = parts.send(StreamPart::End(end)).await;
        drop(parts);
        if let Some(concurrent) = &self.concurrent {
            drop(concurrent.end(request_id));
            return response;
        }
        self.advance(|phase| match phase {
            Phase::Running(pending, _) => Phase::Responded(pending.invocation.request_id),
            phase => phase,
        });
        response
    }

    /// Returns the response to a request that cannot end the invocation `request_id` now.
    fn refuse_end(&self, request_id: &str, ending: Ending) -> Option<Response<Full<Bytes>>> {
        if let Some(concurrent) = &self.concurrent {
            return concurrent.refuse_end(request_id);
        }
        match &*self.phase.borrow() {
            Phase::Running(pending, _) if pending.invocation.request_id == request_id => {
                if !pending.has_response() {
                    return None;
                }
                // Its response is being streamed.
            }
            Phase::Responded(responded) if responded == request_id => {}
            _ => return Some(invalid_request_id()),
        }
        Some(self.forbid(match ending {
            Ending::Response => "InvocationResponse",
            Ending::Error => "InvocationErrorResponse",
        }))
    }

    async fn init_error(&self, headers: &HeaderMap, body: Incoming) -> Response<Full<Bytes>> {
        let payload = match read(body).await {
            Ok(RequestBody::Complete(payload)) => payload,
            Ok(_) => return too_large(MAX_RESPONSE),
            Err(_) => Bytes::new(),
        };
        let mut response = None;
        self.advance(|phase| match phase {
            Phase::Starting => {
                response = Some(accepted());
                Phase::InitFailed(reported(headers, payload))
            }
            phase => phase,
        });
        response.unwrap_or_else(|| self.forbid("InitError"))
    }

    fn advance(&self, change: impl FnOnce(Phase) -> Phase) {
        self.phase.send_modify(|phase| *phase = change(std::mem::replace(phase, Phase::Starting)));
    }

    fn forbid(&self, transition: &str) -> Response<Full<Bytes>> {
        forbidden(self.phase.borrow().name(), transition)
    }
}
