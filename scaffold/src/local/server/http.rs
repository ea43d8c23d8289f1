//! The HTTP server: each request on its way to the Invoke API or to a function.

use std::sync::Arc;
use std::time::Instant;

use http_body_util::{BodyExt, Collected, Either};

use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::answer::{Answer, Exchange};
use super::api_request::ApiRequest;
use super::body::{HttpResponse, RequestBody, complete, plain};
use super::console;
use super::deployment::{CurrentDeployment, Deployment, OldVersion};
use super::invoke_api::{self, InvokeRequest};
use super::page;
use crate::local::access::{AccessPolicy, Refusal};
use crate::local::connections;
use crate::local::connections::{ClientLimits, Ends};
use crate::local::console::{Console, RecordedInvocation, RecordedRequest, RecordedResponse};
use crate::local::gateway::Routing;
use crate::local::lambda::{FinishedInvocation, Log, PendingLine};

/// The header of a request that waits for the deployment that is being built, if one is.
pub(crate) const WAIT: &str = "x-scaffold-wait";

/// The header of a response of a function that is older than the files of the project.
const VERSION: HeaderName = HeaderName::from_static("x-scaffold-version");

/// The server of all functions.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) access: AccessPolicy,
    pub(crate) current: CurrentDeployment,
    pub(crate) log: Arc<Log>,
    pub(crate) old_version: OldVersion,
    /// Requests have no time limit.
    pub(crate) debug: bool,
    /// `None` without a console.
    pub(crate) console: Option<Arc<Console>>,
}

impl Server {
    /// Serves until the future is dropped.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let limits = ClientLimits::new(self.debug);
        let answer = move |request: Request<Incoming>, ends| {
            let server = Arc::clone(&self);
            async move {
                let (head, body) = request.into_parts();
                let body = Either::Left(body);
                match console::path(&server, &head) {
                    Some(path) => console::answer(&server, &path, &head, body, ends).await,
                    None => server.answer(head, body, ends).await.0,
                }
            }
        };
        connections::serve(listener, Some(limits), answer).await;
    }

    /// Responds to a request to an API or to the Invoke API. The id of what the console shows comes with the
    /// response.
    pub(super) async fn answer(
        &self,
        head: Parts,
        body: RequestBody,
        ends: Ends,
    ) -> (HttpResponse, Option<String>) {
        let started = Instant::now();
        let time = OffsetDateTime::now_utc();
        let invoke = InvokeRequest::parse(&head);
        let access = match invoke {
            Some(_) => self.access.check_internal(&head, ends.local),
            None => self.access.check_host(&head, ends.local),
        };
        if let Err(Refusal { status, reason }) = access {
            self.log.line(format_args!("refused {} {}: {reason}", head.method, head.uri.path()));
            let response = match invoke {
                Some(_) => invoke_api::refusal(status, reason),
                None => plain(status, reason + "\n"),
            };
            return (response, None);
        }
        let wait = self.old_version != OldVersion::Serve || head.headers.contains_key(WAIT);
        let serving = self.current.for_request(wait).await;
        let is_old = serving.is_old;
        let line = PendingLine::new();
        let answer = match (serving.deployment, &invoke) {
            (Some(deployment), _) if !is_old || self.old_version != OldVersion::Refuse => {
                match invoke {
                    Some(request) => request.answer(&deployment, &head, body, &line).await,
                    None => self.answer_api(&deployment, &head, body, ends, &line).await,
                }
            }
            (deployment, invoke) => {
                let what = match deployment {
                    Some(_) => "the last build has failed",
                    None => "no build has succeeded yet",
                };
                let errors = serving.failure.as_deref().unwrap_or_default();
                let is_for_browser = invoke.is_none() && page::is_wanted(&head);
                let body = if is_for_browser {
                    page::build_failure(what, errors)
                } else {
                    page::plain_build_failure(what, errors)
                };
                Answer::own(body, what)
            }
        };
        let Answer { mut response, source, function, is_cold, reason, exchange } = answer;
        let is_old = is_old && function.is_some();
        if is_old {
            response.headers_mut().insert(VERSION, HeaderValue::from_static("stale"));
        }
        let finished = FinishedInvocation {
            time,
            source: source.unwrap_or_else(|| {
                let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
                format!("{} {target}", head.method)
            }),
            status: response.status().as_u16(),
            function,
            duration: started.elapsed(),
            is_cold,
            is_old,
            reason,
        };
        self.log.finished(&finished);
        let id = match &self.console {
            Some(console) => {
                Some(record(console, finished, serving.version, head, exchange, &response).await)
            }
            None => None,
        };
        (response, id)
    }

    async fn answer_api(
        &self,
        deployment: &Deployment,
        head: &Parts,
        body: RequestBody,
        ends: Ends,
        line: &PendingLine,
    ) -> Answer {
        match deployment.router.route(head) {
            Routing::Response(response) => {
                let reason = deployment.explain(head, response.status());
                let is_missing = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN];
                if is_missing.contains(&response.status()) && page::is_wanted(head) {
                    let page = page::index(deployment, head.uri.path(), response.status());
                    return Answer { reason, ..Answer::of(page) };
                }
                Answer { reason, ..Answer::of(complete(response)) }
            }
            Routing::Function(route) => {
                let debug = self.debug;
                let request = ApiRequest { deployment, head, client: ends.client, line, debug };
                request.answer(route, body).await
            }
        }
    }
}

/// Keeps what the console shows of a request. Returns its id.
async fn record(
    console: &Arc<Console>,
    finished: FinishedInvocation,
    version: u64,
    head: Parts,
    exchange: Exchange,
    response: &HttpResponse,
) -> String {
    let Exchange { id, route, body, event, answer, details } = exchange;
    let id = id.unwrap_or_else(|| Uuid::new_v4().to_string());
    // Clients of the Invoke API send the event itself.
    let is_request = finished.source != invoke_api::SOURCE;
    let request = is_request.then(|| RecordedRequest {
        method: head.method.to_string(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: head.headers,
        body,
    });
    let response = if is_request {
        let body = match response.body() {
            Either::Left(body) => body.clone().collect().await.ok().map(Collected::to_bytes),
            Either::Right(_) => None,
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Some(RecordedResponse { status, headers, body })
    } else {
        None
    };
    let recorded = RecordedInvocation {
        id: id.clone(),
        finished,
        route,
        version,
        request,
        event,
        answer,
        response,
        details: None,
    };
    match details {
        None => console.history.add(recorded),
        Some(details) => console.keep(recorded, details),
    }
    id
}
