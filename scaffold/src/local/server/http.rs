//! The HTTP server: each request on its way to the Invoke API or to a function.

use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::net::TcpListener;

use super::access_log::AccessLine;
use super::api_request::ApiRequest;
use super::body::{HttpResponse, complete, plain};
use super::deployment::CurrentDeployment;
use super::invoke_api::{self, InvokeRequest};
use crate::local::access::{AccessPolicy, Refusal};
use crate::local::connections;
use crate::local::connections::{ClientLimits, Ends};
use crate::local::gateway::Routing;
use crate::local::lambda::Log;

/// The header of a request that waits for the deployment that is being built, if one is.
pub(crate) const WAIT: &str = "x-scaffold-wait";

/// The server of all functions.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) access: AccessPolicy,
    pub(crate) current: CurrentDeployment,
    pub(crate) log: Arc<Log>,
    /// Requests wait for the deployment that is being built.
    pub(crate) wait: bool,
    /// Requests have no time limit.
    pub(crate) debug: bool,
}

impl Server {
    /// Serves until the future is dropped.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let limits = ClientLimits::new(self.debug);
        let answer = move |request, ends| {
            let server = Arc::clone(&self);
            async move { server.answer(request, ends).await }
        };
        connections::serve(listener, Some(limits), answer).await;
    }

    async fn answer(&self, request: Request<Incoming>, ends: Ends) -> HttpResponse {
        let started = Instant::now();
        let (head, body) = request.into_parts();
        let invoke = InvokeRequest::parse(&head);
        let access = match invoke {
            Some(_) => self.access.check_internal(&head, ends.local),
            None => self.access.check_host(&head, ends.local),
        };
        if let Err(Refusal { status, reason }) = access {
            self.log.line(format_args!("refused {} {}: {reason}", head.method, head.uri.path()));
            return match invoke {
                Some(_) => invoke_api::refusal(status, reason),
                None => plain(status, reason + "\n"),
            };
        }
        let wait = self.wait || head.headers.contains_key(WAIT);
        let Some(deployment) = self.current.for_request(wait).await else {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "no build has succeeded yet: see cargo's errors in the log of `scaffold dev`\n",
            );
        };
        if let Some(request) = invoke {
            return request.answer(&deployment, &head, body, &self.log).await;
        }
        let (function, response) = match deployment.router.route(&head) {
            Routing::Response(response) => (None, complete(response)),
            Routing::Function(route) => {
                let function = route.function.clone();
                let request = ApiRequest {
                    deployment: &deployment,
                    head: &head,
                    client: ends.client,
                    log: &self.log,
                    debug: self.debug,
                };
                (Some(function), request.answer(route, body).await)
            }
        };
        self.log.styled_line(AccessLine {
            head: &head,
            function: function.as_deref(),
            status: response.status(),
            duration: started.elapsed(),
        });
        response
    }
}
