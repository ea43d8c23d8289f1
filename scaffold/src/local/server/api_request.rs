//! A request to an API or a function URL: from its authorizer to the function's response.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::Either;
use http_body_util::channel::{Channel, Sender};
use hyper::StatusCode;
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use tokio::time::timeout;

use super::body::{HttpResponse, ReadError, complete, plain, read};
use super::deployment::Deployment;
use crate::aws::MAX_PAYLOAD;
use crate::local::gateway;
use crate::local::gateway::{
    AuthorizationError, AuthorizerContext, GatewayError, MalformedResponse, Prelude, RouteMatch,
};
use crate::local::lambda::{FunctionResponse, Invocation, Invoked, Log, Pool};
use crate::local::lambda::{StreamPart, StreamedResponse};
use crate::sam::{ApiAuthorizer, ApiKind};

/// The largest body that API Gateway accepts, in bytes. Lambda's limit for the event is lower.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// A request that has a route.
pub(super) struct ApiRequest<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) head: &'a Parts,
    pub(super) client: IpAddr,
    pub(super) log: &'a Log,
    pub(super) debug: bool,
}

impl ApiRequest<'_> {
    pub(super) async fn answer(&self, mut route: RouteMatch, body: Incoming) -> HttpResponse {
        let authorized = self.authorize(&route).await;
        let denial = authorized.map(|context| route.authorizer_context = context).err();
        let route = &route;
        let fail = |error: GatewayError| complete(error.response(route));
        let body = match read(body, MAX_BODY).await {
            Ok(body) => body,
            Err(ReadError::TooLarge) => return fail(GatewayError::RequestTooLarge),
            Err(ReadError::TooSlow) => {
                return plain(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time\n");
            }
            Err(ReadError::Closed) => return plain(StatusCode::BAD_REQUEST, ""),
        };
        if let Some(error) = denial {
            return fail(error);
        }
        if let Some(response) = &route.own_response {
            return complete(*response.clone());
        }
        let event = gateway::event(route, self.head, &body, self.client, SystemTime::now());
        if event.len() > MAX_PAYLOAD {
            return fail(GatewayError::RequestTooLarge);
        }
        let mut invocation = Invocation::new(event, Some(&route.ids.trace));
        invocation.accepts_stream = route.api.kind == ApiKind::FunctionUrl { stream: true };
        let Some(pool) = self.deployment.function(&route.function) else {
            return fail(GatewayError::Integration);
        };
        let Some(invoked) = self.invoke(pool, invocation, route.api.kind).await else {
            return fail(GatewayError::IntegrationTimeout);
        };
        let malformed = |reason: &MalformedResponse| {
            self.log.line(format_args!("{}: invalid response: {reason}", route.function));
            fail(GatewayError::Integration)
        };
        match invoked.result {
            Ok(FunctionResponse::Buffered(payload)) => gateway::response(route, &payload)
                .map_or_else(|reason| malformed(&reason), complete),
            Ok(FunctionResponse::Streamed(stream)) => {
                start_stream(route, stream).await.unwrap_or_else(|error| match error {
                    StreamError::Malformed(reason) => malformed(&reason),
                    StreamError::Failed => fail(GatewayError::Integration),
                })
            }
            Err(_) => fail(GatewayError::Integration),
        }
    }

    /// Invokes the authorizer of a route if it has one that runs locally.
    async fn authorize(
        &self,
        route: &RouteMatch,
    ) -> Result<Option<AuthorizerContext>, GatewayError> {
        let Some(ApiAuthorizer::Lambda(authorizer)) = route.authorizer.as_deref() else {
            return Ok(None);
        };
        let Some(pool) = self.deployment.named(&authorizer.function) else { return Ok(None) };
        let authorized = async {
            let now = SystemTime::now();
            let event = gateway::authorizer_event(authorizer, route, self.head, self.client, now)?;
            let invocation = Invocation::new(event, Some(&route.ids.trace));
            let id = invocation.request_id.clone();
            let invoked = self.invoke(pool, invocation, route.api.kind).await;
            match invoked.ok_or(GatewayError::Authorizer)?.result {
                Ok(FunctionResponse::Buffered(response)) => {
                    gateway::authorize(authorizer, route, self.head, &response)
                }
                // The invocation does not accept one.
                Ok(FunctionResponse::Streamed(_)) => Err(GatewayError::Authorizer.into()),
                Err(error) => {
                    Err(AuthorizationError::of_function_error(route, &error.payload(&id)))
                }
            }
        };
        authorized.await.map(Some).map_err(|AuthorizationError { error, reason }| {
            if let Some(reason) = reason {
                let function = &authorizer.function;
                self.log.line(format_args!("{function}: invalid authorizer response: {reason}"));
            }
            error
        })
    }

    /// Invokes a function within the time that the API allows it; `None` if it took longer.
    async fn invoke(&self, pool: &Arc<Pool>, event: Invocation, kind: ApiKind) -> Option<Invoked> {
        let seconds = match kind {
            ApiKind::Http => 30,
            ApiKind::Rest => 29,
            ApiKind::FunctionUrl { .. } => return Some(pool.invoke(event).await),
        };
        if self.debug {
            return Some(pool.invoke(event).await);
        }
        timeout(Duration::from_secs(seconds), pool.invoke(event)).await.ok()
    }
}

/// Why a streamed response has not started.
enum StreamError {
    Malformed(MalformedResponse),
    Failed,
}

/// Waits for the head of a streamed response. The body follows as it arrives.
async fn start_stream(
    route: &RouteMatch,
    mut stream: StreamedResponse,
) -> Result<HttpResponse, StreamError> {
    let mut prelude = Prelude::new(stream.content_type.as_deref());
    loop {
        let (part, is_end) = match stream.parts.recv().await {
            Some(StreamPart::Data(part)) => (part, false),
            Some(StreamPart::End(Ok(()))) => (Bytes::new(), true),
            Some(StreamPart::End(Err(_))) | None => return Err(StreamError::Failed),
        };
        if let Some((head, rest)) = prelude.push(route, &part).map_err(StreamError::Malformed)? {
            let (sender, channel) = Channel::new(1);
            tokio::spawn(forward(stream, sender, rest.into(), is_end));
            return Ok(HttpResponse::from_parts(head, Either::Right(channel)));
        }
        if is_end {
            return Err(StreamError::Malformed(prelude.end()));
        }
    }
}

/// Passes the parts on at the client's pace. If the function fails, the connection is closed; if the
/// client is gone, the function still runs to its end.
async fn forward(
    mut stream: StreamedResponse,
    mut sender: Sender<Bytes, io::Error>,
    first: Bytes,
    is_end: bool,
) {
    let mut is_open = first.is_empty() || sender.send_data(first).await.is_ok();
    if is_end {
        return;
    }
    loop {
        match stream.parts.recv().await {
            Some(StreamPart::Data(part)) => {
                is_open = is_open && sender.send_data(part).await.is_ok();
            }
            Some(StreamPart::End(Ok(()))) => return,
            Some(StreamPart::End(Err(_))) | None => {
                // The client first receives the parts before this one.
                tokio::task::yield_now().await;
                sender.abort(io::Error::other("the function cut off its response"));
                return;
            }
        }
    }
}
