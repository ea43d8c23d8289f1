//! The Runtime API of one instance: what its function asks, and what Lambda answers.
//!
//! The paths, statuses, headers and bodies are those of Lambda; where its documentation says nothing,
//! those of its Runtime Interface Emulator.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Instant, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::failure::{Failure, error_body};
use super::invocation::{Invocation, MAX_EVENT, Part, Response as Answer, Stream};

/// The largest response that Lambda takes, in bytes.
const MAX_RESPONSE: usize = MAX_EVENT + 100;

/// How many parts of a streamed response may wait for the caller before the function has to.
const PARTS: usize = 16;

const RESPONSE_MODE: &str = "Lambda-Runtime-Function-Response-Mode";
const ERROR_TYPE: &str = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY: &str = "Lambda-Runtime-Function-Error-Body";

/// Where an instance is in its life; every call of the function moves it on.
#[derive(Debug)]
pub(super) enum Phase {
    /// Started; it has not asked for an event.
    Starting,
    /// It said that it cannot start.
    InitFailed(Failure),
    /// It waits for an event.
    Ready,
    /// An event is there for it.
    Queued(Invocation),
    /// It works on an event.
    Running(Invocation, Instant),
    /// It answered the event of this id, and has not asked for another: the invocation goes on.
    Answered(String),
}

impl Phase {
    /// The name of the state in Lambda's messages.
    fn name(&self) -> &'static str {
        match self {
            Self::Starting => "Started",
            Self::InitFailed(_) => "InitError",
            Self::Ready | Self::Queued(_) => "Ready",
            Self::Running(..) => "Running",
            Self::Answered(_) => "RuntimeResponseSentState",
        }
    }
}

/// The Runtime API of one instance.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    phase: watch::Sender<Phase>,
}

/// The two ways to end an invocation.
#[derive(Clone, Copy)]
enum Ending {
    Response,
    Error,
}

/// What came in a request's body.
enum Body {
    Whole(Bytes),
    /// A streamed response that broke off: the error is in the trailers.
    Failed(Failure),
    /// Of this many bytes.
    TooLarge(usize),
}

impl RuntimeApi {
    pub(super) fn new() -> Self {
        Self { phase: watch::Sender::new(Phase::Starting) }
    }

    /// Follows the phase.
    pub(super) fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Has `invocation` answer the next call of `next`.
    pub(super) fn queue(&self, invocation: Invocation) {
        self.phase.send_replace(Phase::Queued(invocation));
    }

    /// Serves the API until the future is dropped, connections and all.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    // What fails here is the one connection: the function sees it closed.
                    if let Ok((stream, _)) = accepted {
                        connections.spawn(Arc::clone(&self).serve_connection(stream));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn serve_connection(self: Arc<Self>, stream: TcpStream) {
        // Without it an answer may wait for the acknowledgement of the one before; losing it costs
        // time only.
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| {
            let api = Arc::clone(&self);
            async move { Ok::<_, Infallible>(api.answer(request).await) }
        });
        // A connection that breaks is the function's affair: it connects again, or ends.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let Some(call) = head.uri.path().strip_prefix("/2018-06-01/runtime/") else {
            return text(StatusCode::NOT_FOUND, "404 page not found\n");
        };
        let (expected, call) = match call.split('/').collect::<Vec<_>>().as_slice() {
            ["invocation", "next"] => (Method::GET, Call::Next),
            ["invocation", id, "response"] => (Method::POST, Call::End(id, Ending::Response)),
            ["invocation", id, "error"] => (Method::POST, Call::End(id, Ending::Error)),
            ["init", "error"] => (Method::POST, Call::InitError),
            _ => return text(StatusCode::NOT_FOUND, "404 page not found\n"),
        };
        if head.method != expected {
            return text(StatusCode::METHOD_NOT_ALLOWED, "");
        }
        match call {
            Call::Next => self.next().await,
            Call::End(id, ending) => self.end(id, ending, &head.headers, body).await,
            Call::InitError => self.init_error(&head.headers, body).await,
        }
    }

    /// Waits until there is an event. The one that is running is handed out again: the function may
    /// have lost the connection that it came on.
    async fn next(&self) -> Response<Full<Bytes>> {
        self.move_on(|phase| match phase {
            Phase::Starting | Phase::Answered(_) => Phase::Ready,
            phase => phase,
        });
        // It fails only without a sender, and that is `self`.
        let _ = self.phase.subscribe().wait_for(|phase| !matches!(phase, Phase::Ready)).await;

        let mut response = None;
        self.move_on(|phase| match phase {
            Phase::Queued(invocation) => {
                response = Some(handed_out(&invocation));
                Phase::Running(invocation, Instant::now())
            }
            Phase::Running(invocation, since) => {
                response = Some(handed_out(&invocation));
                Phase::Running(invocation, since)
            }
            phase => phase,
        });
        response.unwrap_or_else(|| self.forbidden("Ready"))
    }

    async fn end(
        &self,
        request_id: &str,
        ending: Ending,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Response<Full<Bytes>> {
        if let Some(refusal) = self.refuse_end(request_id, ending) {
            return refusal;
        }
        if matches!(ending, Ending::Response)
            && headers.get(RESPONSE_MODE).is_some_and(|mode| mode == "streaming")
            && let Some(parts) = self.start_stream(headers)
        {
            return self.stream(body, parts).await;
        }
        let Ok(body) = read(body).await else { return truncated() };
        let (result, response) = match body {
            Body::Whole(payload) => match ending {
                Ending::Response => (Ok(Answer::Whole(payload)), accepted()),
                Ending::Error => (Err(reported(headers, payload)), accepted()),
            },
            Body::Failed(failure) => (Err(failure), accepted()),
            Body::TooLarge(size) => {
                (Err(Failure::ResponseTooLarge { size, limit: MAX_RESPONSE }), too_large())
            }
        };

        // While the body was read, another connection may have answered.
        if let Some(refusal) = self.refuse_end(request_id, ending) {
            return refusal;
        }
        self.move_on(|phase| match phase {
            Phase::Running(mut invocation, since) => {
                invocation.reply(result, since.elapsed());
                Phase::Answered(invocation.request_id)
            }
            phase => phase,
        });
        response
    }

    /// Replies with a stream, where the caller takes one.
    fn start_stream(&self, headers: &HeaderMap) -> Option<mpsc::Sender<Part>> {
        let mut sender = None;
        self.phase.send_if_modified(|phase| {
            if let Phase::Running(invocation, since) = phase
                && invocation.streams
                && invocation.reply.is_some()
            {
                let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
                let (parts, receiver) = mpsc::channel(PARTS);
                sender = Some(parts);
                let stream =
                    Stream { content_type: content_type.map(str::to_owned), parts: receiver };
                invocation.reply(Ok(Answer::Stream(stream)), since.elapsed());
            }
            false
        });
        sender
    }

    /// Hands the parts over as they come, at the caller's pace; a caller that has gone away has them
    /// thrown away.
    async fn stream(&self, mut body: Incoming, parts: mpsc::Sender<Part>) -> Response<Full<Bytes>> {
        let mut response = accepted();
        let mut end = Ok(());
        while let Some(frame) = body.frame().await {
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => {
                    let _ = parts.send(Part::Data(data)).await;
                }
                Ok(Err(frame)) => {
                    let failure = frame.into_trailers().ok().and_then(|all| broken_off(&all));
                    end = failure.map_or(Ok(()), Err);
                }
                Err(_) => {
                    response = truncated();
                    let error_type = "Runtime.TruncatedResponse";
                    end = Err(Failure::Reported {
                        error_type: error_type.to_owned(),
                        payload: error_body(error_type, "the response broke off").into(),
                    });
                }
            }
        }
        let _ = parts.send(Part::End(end)).await;
        drop(parts);
        self.move_on(|phase| match phase {
            Phase::Running(invocation, _) => Phase::Answered(invocation.request_id),
            phase => phase,
        });
        response
    }

    /// Why the invocation `request_id` cannot end now, if so.
    fn refuse_end(&self, request_id: &str, ending: Ending) -> Option<Response<Full<Bytes>>> {
        match &*self.phase.borrow() {
            Phase::Running(invocation, _) if invocation.request_id == request_id => {
                if invocation.reply.is_some() {
                    return None;
                }
                // A stream is on its way.
            }
            Phase::Answered(answered) if answered == request_id => {}
            _ => {
                return Some(error(
                    StatusCode::BAD_REQUEST,
                    "InvalidRequestID",
                    "Invalid request ID",
                ));
            }
        }
        Some(self.forbidden(match ending {
            Ending::Response => "InvocationResponse",
            Ending::Error => "InvocationErrorResponse",
        }))
    }

    async fn init_error(&self, headers: &HeaderMap, body: Incoming) -> Response<Full<Bytes>> {
        let payload = match read(body).await {
            Ok(Body::Whole(payload)) => payload,
            Ok(_) => return too_large(),
            Err(_) => Bytes::new(),
        };
        let mut response = None;
        self.move_on(|phase| match phase {
            Phase::Starting => {
                response = Some(accepted());
                Phase::InitFailed(reported(headers, payload))
            }
            phase => phase,
        });
        response.unwrap_or_else(|| self.forbidden("InitError"))
    }

    fn move_on(&self, change: impl FnOnce(Phase) -> Phase) {
        self.phase.send_modify(|phase| *phase = change(std::mem::replace(phase, Phase::Starting)));
    }

    fn forbidden(&self, to: &str) -> Response<Full<Bytes>> {
        let from = self.phase.borrow().name();
        error(
            StatusCode::FORBIDDEN,
            "InvalidStateTransition",
            &format!(
                "State transition from {from} to {to} failed for runtime. \
                 Error: State transition is not allowed"
            ),
        )
    }
}

/// A call of the API, its path taken apart.
enum Call<'a> {
    Next,
    End(&'a str, Ending),
    InitError,
}

/// Reads a body to its end, also where it is too large: a function that is still sending would not
/// see the answer.
async fn read(mut body: Incoming) -> Result<Body, hyper::Error> {
    let mut bytes = Vec::new();
    let mut size = 0;
    let mut failure = None;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) => {
                size += data.len();
                if size <= MAX_RESPONSE {
                    bytes.extend_from_slice(&data);
                }
            }
            Err(frame) => {
                failure = frame.into_trailers().ok().and_then(|trailers| broken_off(&trailers));
            }
        }
    }
    Ok(match failure {
        Some(failure) => Body::Failed(failure),
        None if size > MAX_RESPONSE => Body::TooLarge(size),
        None => Body::Whole(bytes.into()),
    })
}

/// The answer of `next`.
fn handed_out(invocation: &Invocation) -> Response<Full<Bytes>> {
    let deadline = invocation.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut response = Response::builder();
    if let Some(client_context) = &invocation.client_context {
        response = response.header("Lambda-Runtime-Client-Context", client_context);
    }
    response
        .header(CONTENT_TYPE, "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", &invocation.request_id)
        .header("Lambda-Runtime-Deadline-Ms", deadline.to_string())
        .header("Lambda-Runtime-Invoked-Function-Arn", &invocation.function_arn)
        .header("Lambda-Runtime-Trace-Id", &invocation.trace_id)
        .body(Full::new(invocation.payload.clone()))
        // A region with a line break in it, say.
        .unwrap_or_else(|failure| {
            error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", &failure.to_string())
        })
}

/// The error that the trailers of a streamed response tell of.
fn broken_off(trailers: &HeaderMap) -> Option<Failure> {
    trailers.get(ERROR_TYPE)?;
    let body = trailers.get(ERROR_BODY).and_then(|body| STANDARD.decode(body).ok());
    Some(reported(trailers, body.unwrap_or_default().into()))
}

fn reported(headers: &HeaderMap, payload: Bytes) -> Failure {
    let error_type = headers.get(ERROR_TYPE).and_then(|value| value.to_str().ok());
    Failure::Reported { error_type: error_class(error_type.unwrap_or_default()).into(), payload }
}

/// The class of an error in Lambda's reports: it lets only its own form through.
fn error_class(error_type: &str) -> &str {
    let name = error_type.strip_prefix("Function.").or(error_type.strip_prefix("Runtime."));
    match name {
        Some(name)
            if name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.len() > 1
                && name.chars().all(|char| char.is_ascii_alphabetic()) =>
        {
            error_type
        }
        _ if error_type.starts_with("Function.") => "Function.Unknown",
        _ => "Runtime.Unknown",
    }
}

fn accepted() -> Response<Full<Bytes>> {
    json(StatusCode::ACCEPTED, "{\"status\":\"OK\"}\n".to_owned())
}

fn truncated() -> Response<Full<Bytes>> {
    error(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated")
}

fn too_large() -> Response<Full<Bytes>> {
    error(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        &format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."),
    )
}

fn error(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    json(status, error_body(error_type, message) + "\n")
}

fn json(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn text(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}
