//! The HTTP server: each request on its way to the Invoke API or to a function.

use std::sync::Arc;
use std::time::Instant;

use http_body_util::{BodyExt, Either};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use time::OffsetDateTime;
use tokio::net::TcpListener;

use super::answer::Answer;
use super::api_request::ApiRequest;
use super::body::{HttpResponse, RequestBody, complete, plain};
use super::console;
use super::deployment::{CurrentDeployment, Deployment, OldVersion};
use super::durable_api::DurableRequest;
use super::invoke_api::{self, InvokeRequest};
use super::page;
use crate::local::access::{AccessPolicy, Refusal};
use crate::local::connections;
use crate::local::connections::{ClientLimits, Ends};
use crate::local::console::{Arrival, Console, Outcome, Recording};
use crate::local::durable::Executions;
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
    /// The executions of durable functions.
    pub(crate) executions: Arc<Executions>,
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
        if let Some(request) = DurableRequest::parse(&head) {
            return (self.answer_durable(request, &head, body, ends).await, None);
        }
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
        let arrival = Arrival { time, started, version: serving.version, is_old };
        let mut recording = Recording::new(self.console.as_ref(), arrival);
        let is_event = invoke.is_some();
        let line = PendingLine::new();
        let answer = match (serving.deployment, &invoke) {
            (Some(deployment), _) if !is_old || self.old_version != OldVersion::Refuse => {
                match invoke {
                    Some(request) => {
                        let executions = &self.executions;
                        request
                            .answer(&deployment, executions, &head, body, &line, &mut recording)
                            .await
                    }
                    None => {
                        let request = (&head, body);
                        self.answer_api(&deployment, request, ends, &line, &mut recording).await
                    }
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
        let Answer { mut response, source, function, is_cold, reason } = answer;
        let is_old = is_old && function.is_some();
        if is_old {
            response.headers_mut().insert(VERSION, HeaderValue::from_static("stale"));
        }
        let finished = FinishedInvocation {
            time,
            source: source.map_or_else(
                || {
                    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
                    format!("{} {target}", head.method)
                },
                str::to_owned,
            ),
            status: response.status().as_u16(),
            function,
            duration: started.elapsed(),
            is_cold,
            is_old,
            reason,
        };
        self.log.finished(&finished);
        if !recording.is_on() {
            return (response, None);
        }
        let FinishedInvocation { status, function, duration, is_cold, reason, .. } = finished;
        let outcome = Outcome { status: Some(status), duration, is_cold, reason };
        recording.function = function;
        let id = if is_event {
            recording.end_event(invoke_api::SOURCE, outcome)
        } else {
            let body = complete_body(&response).await;
            recording.end_request(&head, outcome, &response, body.as_ref())
        };
        (response, id)
    }

    /// Responds to a request about executions. The log has only those that fail: a function sends many.
    async fn answer_durable(
        &self,
        request: DurableRequest,
        head: &Parts,
        body: RequestBody,
        ends: Ends,
    ) -> HttpResponse {
        let (time, started) = (OffsetDateTime::now_utc(), Instant::now());
        let operation = request.name();
        let answer = match self.access.check_internal(head, ends.local) {
            Ok(()) => request.answer(&self.current, &self.executions, head, body).await,
            Err(Refusal { status, reason }) => {
                Answer::own(invoke_api::refusal(status, reason.clone()), reason)
            }
        };
        if answer.reason.is_some() {
            self.log.finished(&FinishedInvocation {
                time,
                source: operation.to_owned(),
                status: answer.response.status().as_u16(),
                function: None,
                duration: started.elapsed(),
                is_cold: false,
                is_old: false,
                reason: answer.reason,
            });
        }
        answer.response
    }

    async fn answer_api(
        &self,
        deployment: &Deployment,
        (head, body): (&Parts, RequestBody),
        ends: Ends,
        line: &PendingLine,
        recording: &mut Recording,
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
                let executions = &self.executions;
                let request =
                    ApiRequest { deployment, executions, head, client: ends.client, line, debug };
                request.answer(*route, body, recording).await
            }
        }
    }
}

/// Returns the body of a response, unless it is streamed.
async fn complete_body(response: &HttpResponse) -> Option<Bytes> {
    match response.body() {
        // It is complete, so this does not wait.
        Either::Left(body) => {
            let frame = body.clone().frame().await.and_then(Result::ok);
            Some(frame.and_then(|frame: Frame<_>| frame.into_data().ok()).unwrap_or_default())
        }
        Either::Right(_) => None,
    }
}
