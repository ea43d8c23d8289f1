//! A request to an API or a function URL: from its authorizer to the function's response.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::Either;
use http_body_util::channel::{Channel, Sender};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use tokio::time::timeout;

use super::answer::Answer;
use super::body::{HttpResponse, ReadError, RequestBody, complete, plain, read};
use super::deployment::Deployment;
use crate::aws::MAX_PAYLOAD;
use crate::local::console::{Recording, StreamEnd, StreamRecording};
use crate::local::durable::Executions;
use crate::local::gateway;
use crate::local::gateway::{
    AuthorizationError, AuthorizerContext, GatewayError, MalformedResponse, Prelude, RouteMatch,
    StreamHead,
};
use crate::local::lambda::{
    FunctionResponse, Invocation, InvocationDetails, Invoked, PendingLine, Pool, StreamPart,
    StreamedResponse,
};
use crate::sam::{ApiAuthorizer, ApiKind};

/// The largest body that API Gateway accepts, in bytes. Lambda's limit for the event is lower.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// A request that has a route.
pub(super) struct ApiRequest<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) executions: &'a Arc<Executions>,
    pub(super) head: &'a Parts,
    pub(super) client: IpAddr,
    pub(super) line: &'a PendingLine,
    pub(super) debug: bool,
}

impl ApiRequest<'_> {
    pub(super) async fn answer(
        &self,
        route: RouteMatch,
        body: RequestBody,
        recording: &mut Recording,
    ) -> Answer {
        let function = Arc::clone(&route.function);
        if recording.is_on() {
            recording.function = Some(Arc::clone(&function));
            recording.route = Some(route.route_key());
        }
        let answer = self.respond(route, body, recording).await;
        Answer { function: Some(function), ..answer }
    }

    async fn respond(
        &self,
        mut route: RouteMatch,
        body: RequestBody,
        recording: &mut Recording,
    ) -> Answer {
        let authorized = self.authorize(&route).await;
        let denial = authorized.map(|context| route.authorizer_context = context).err();
        let route = &route;
        let fail = |error: GatewayError, reason: String| {
            Answer::own(complete(error.response(route)), reason)
        };
        let body = match read(body, MAX_BODY).await {
            Ok(body) => body,
            Err(ReadError::TooLarge) => {
                let reason = "the body is larger than 10 MB, the limit of API Gateway";
                return fail(GatewayError::RequestTooLarge, reason.to_owned());
            }
            Err(ReadError::TooSlow) => {
                let reason = "the body did not arrive in time";
                let response = plain(StatusCode::REQUEST_TIMEOUT, format!("{reason}\n"));
                return Answer::own(response, reason);
            }
            Err(ReadError::Closed) => {
                return Answer::own(plain(StatusCode::BAD_REQUEST, ""), "the request was cut off");
            }
        };
        recording.body = body.clone();
        if let Some((error, reason)) = denial {
            return fail(error, reason);
        }
        if let Some(response) = &route.own_response {
            return Answer::of(complete(*response.clone()));
        }
        let event = gateway::event(route, self.head, &body, self.client, SystemTime::now());
        let size = event.len();
        if size > MAX_PAYLOAD {
            let reason = format!("the event has {size} bytes; Lambda's limit is {MAX_PAYLOAD}");
            return fail(GatewayError::RequestTooLarge, reason);
        }
        let mut invocation = Invocation::new(event, Some(&route.ids.trace));
        invocation.accepts_stream = route.is_streamed;
        let Some(pool) = self.deployment.function(&route.function) else {
            let reason = "the project has no binary for the function";
            return fail(GatewayError::Integration, reason.to_owned());
        };
        let id = invocation.request_id.clone();
        recording.begin_request(self.head, &id, &invocation.payload);
        let on_over = recording.on_over();
        let limit = route.integration_timeout.or_else(|| limit(route.api.kind, route.is_streamed));
        let Some(invoked) = self.invoke(pool, invocation, limit, on_over).await else {
            let seconds = limit.unwrap_or_default().as_secs_f64();
            let reason = format!("no response within {seconds} seconds, the limit of the API");
            return fail(GatewayError::IntegrationTimeout, reason);
        };
        recording.answer = match &invoked.result {
            Ok(FunctionResponse::Buffered(payload)) => Some(payload.clone()),
            Ok(FunctionResponse::Streamed(_)) => None,
            Err(error) => Some(error.payload(&id)),
        };
        let malformed = |reason: &MalformedResponse| {
            fail(GatewayError::Integration, format!("invalid response: {reason}"))
        };
        let answer = match invoked.result {
            Ok(FunctionResponse::Buffered(_))
                if route.is_streamed && route.api.kind == ApiKind::Rest =>
            {
                let reason =
                    "the response is not streamed, and the route of the REST API expects a stream";
                fail(GatewayError::Integration, format!("invalid response: {reason}"))
            }
            Ok(FunctionResponse::Buffered(payload)) => gateway::response(route, &payload)
                .map_or_else(|reason| malformed(&reason), |it| Answer::of(complete(it))),
            Ok(FunctionResponse::Streamed(stream)) => {
                match start_stream(pool, route, stream, recording).await {
                    Ok(response) => Answer::of(response),
                    Err(StreamError::Malformed(reason)) => malformed(&reason),
                    Err(StreamError::Failed(reason)) => fail(GatewayError::Integration, reason),
                }
            }
            Err(error) => fail(GatewayError::Integration, error.reason()),
        };
        Answer {
            is_cold: invoked.is_cold,
            // It tells the init phase from the others.
            reason: invoked.reason.or(answer.reason),
            ..answer
        }
    }

    /// Checks a token, or invokes the authorizer of a route, if it has one that runs locally. An error comes
    /// with its reason.
    async fn authorize(
        &self,
        route: &RouteMatch,
    ) -> Result<Option<AuthorizerContext>, (GatewayError, String)> {
        if let Some(ApiAuthorizer::Jwt(authorizer)) = route.authorizer.as_deref() {
            let Some(keys) = self.deployment.keys.of(authorizer) else { return Ok(None) };
            let found = match gateway::key_id(authorizer, self.head) {
                Some(id) => keys.look_for(&id).await,
                None => Ok(()),
            };
            let (now, keys) = (SystemTime::now(), keys.current());
            let checked = gateway::check_token(authorizer, self.head, &keys, now);
            return checked.map(Some).map_err(|(error, mut reason)| {
                if let Err(failure) = found {
                    reason += "; the keys cannot be read again: ";
                    reason += &failure;
                }
                (error, format!("authorizer `{}`: {reason}", authorizer.name))
            });
        }
        let Some(ApiAuthorizer::Lambda(authorizer)) = route.authorizer.as_deref() else {
            return Ok(None);
        };
        let Some(pool) = self.deployment.named(&authorizer.function) else { return Ok(None) };
        let name = &authorizer.name;
        let now = SystemTime::now();
        let event = gateway::authorizer_event(authorizer, route, self.head, self.client, now)
            .map_err(|error| {
                let reason = "the request lacks an identity source, or has an invalid one";
                (error, format!("authorizer `{name}` not asked: {reason}"))
            })?;
        let invocation = Invocation::new(event, Some(&route.ids.trace));
        let id = invocation.request_id.clone();
        let limit = limit(route.api.kind, false);
        let Some(invoked) = self.invoke(pool, invocation, limit, drop).await else {
            let reason = format!("authorizer `{name}` did not respond in time");
            return Err((GatewayError::Authorizer, reason));
        };
        let failed = invoked.reason;
        let authorized = match invoked.result {
            Ok(FunctionResponse::Buffered(response)) => {
                gateway::authorize(authorizer, route, self.head, &response)
            }
            // The invocation does not accept one.
            Ok(FunctionResponse::Streamed(_)) => Err(GatewayError::Authorizer.into()),
            Err(error) => Err(AuthorizationError::of_function_error(route, &error.payload(&id))),
        };
        authorized.map(Some).map_err(|AuthorizationError { error, reason }| {
            let reason = match (reason, failed) {
                (Some(reason), _) => format!("invalid response of authorizer `{name}`: {reason}"),
                (None, Some(failed)) => format!("authorizer `{name}`: {failed}"),
                (None, None) => format!("denied by authorizer `{name}`"),
            };
            (error, reason)
        })
    }

    /// Invokes a function within the time that the API allows it; `None` if it took longer.
    async fn invoke(
        &self,
        pool: &Arc<Pool>,
        mut event: Invocation,
        limit: Option<Duration>,
        on_over: impl FnOnce(InvocationDetails) + Send + 'static,
    ) -> Option<Invoked> {
        event.below = Some(self.line.below());
        match limit.filter(|_| !self.debug) {
            Some(limit) => timeout(limit, self.executions.invoke(pool, event, on_over)).await.ok(),
            None => Some(self.executions.invoke(pool, event, on_over).await),
        }
    }
}

/// The time that an API allows a function by default: for a stream, the longest integration timeout that a REST API can have
/// ("Stream the integration response for your proxy integrations in API Gateway" in AWS's documentation).
fn limit(kind: ApiKind, is_streamed: bool) -> Option<Duration> {
    match kind {
        ApiKind::Http => Some(Duration::from_secs(30)),
        ApiKind::Rest if is_streamed => Some(Duration::from_mins(15)),
        ApiKind::Rest => Some(Duration::from_secs(29)),
        ApiKind::FunctionUrl { .. } => None,
    }
}

/// The time after which a REST API ends a stream that does not go on, unless it is edge-optimized.
const IDLE: Duration = Duration::from_mins(5);

/// Why a streamed response has not started.
enum StreamError {
    Malformed(MalformedResponse),
    Failed(String),
}

/// Waits for the head of a streamed response. The body follows as it arrives.
async fn start_stream(
    pool: &Arc<Pool>,
    route: &RouteMatch,
    mut stream: StreamedResponse,
    recording: &Recording,
) -> Result<HttpResponse, StreamError> {
    let mut prelude = Prelude::new(route.api.kind, stream.content_type.as_deref());
    loop {
        let (part, is_end) = match stream.parts.recv().await {
            Some(StreamPart::Data(part)) => (part, false),
            Some(StreamPart::End(Ok(()))) => (Bytes::new(), true),
            Some(StreamPart::End(Err(error))) => return Err(StreamError::Failed(error.reason())),
            None => {
                let reason = "the function cut off its response";
                return Err(StreamError::Failed(reason.to_owned()));
            }
        };
        let started = prelude.push(route, &part).map_err(StreamError::Malformed)?;
        if let Some(StreamHead { head, prelude, rest }) = started {
            let (sender, channel) = Channel::new(1);
            let recording = recording.stream(prelude.map(Bytes::from));
            let idle = (route.api.kind == ApiKind::Rest).then_some(IDLE);
            let body = StreamedBody { pool: Arc::clone(pool), stream, idle, recording };
            tokio::spawn(body.forward(sender, rest.into(), is_end));
            return Ok(HttpResponse::from_parts(head, Either::Right(channel)));
        }
        if is_end {
            return Err(StreamError::Malformed(prelude.end()));
        }
    }
}

/// The body of a streamed response.
struct StreamedBody {
    pool: Arc<Pool>,
    stream: StreamedResponse,
    /// The time for which the function can pause.
    idle: Option<Duration>,
    recording: StreamRecording,
}

impl StreamedBody {
    /// Passes the parts on at the client's pace. If the function fails, the connection is closed; if the
    /// client is gone, the function still runs to its end.
    async fn forward(mut self, mut sender: Sender<Bytes, io::Error>, first: Bytes, is_end: bool) {
        self.recording.add(&first);
        let mut is_open = first.is_empty() || sender.send_data(first).await.is_ok();
        let mut is_over = is_end;
        while !is_over {
            let reason = match self.next().await {
                Ok(Some(StreamPart::Data(part))) => {
                    self.recording.add(&part);
                    is_open = is_open && sender.send_data(part).await.is_ok();
                    continue;
                }
                Ok(Some(StreamPart::End(Ok(())))) => {
                    is_over = true;
                    continue;
                }
                Ok(Some(StreamPart::End(Err(error)))) => error.reason(),
                Ok(None) => "the function cut it off".to_owned(),
                Err(idle) => format!("no part within {} seconds", idle.as_secs()),
            };
            self.pool.note(format_args!("warning: streamed response cut off: {reason}"));
            self.recording.end(StreamEnd::CutOff);
            // The client first receives the parts before this one.
            tokio::task::yield_now().await;
            sender.abort(io::Error::other("the function cut off its response"));
            return;
        }
        self.recording.end(StreamEnd::of_complete(is_open));
    }

    /// Waits for the next part, at most for the time that the API allows.
    async fn next(&mut self) -> Result<Option<StreamPart>, Duration> {
        let part = self.stream.parts.recv();
        match self.idle {
            None => Ok(part.await),
            Some(idle) => timeout(idle, part).await.map_err(|_| idle),
        }
    }
}
