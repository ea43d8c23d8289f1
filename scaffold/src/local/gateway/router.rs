//! Finds the function that a request is for.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{HeaderValue, Method, Response, header};

use super::cors;
use super::error::{self, GatewayError};
use super::pattern::PathPattern;
use super::request_ids::RequestIds;
use super::route::RouteMatch;
use crate::sam::{Api, ApiAuthorizer, ApiKind, Application, PayloadFormat};

/// The methods that a route can have. No route of an API matches another method, not even one with `ANY`.
const METHODS: [Method; 7] = [
    Method::DELETE,
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::POST,
    Method::PUT,
];

/// The most bytes that the values of all headers can have together, for an HTTP API including the
/// request line ("Amazon API Gateway quotas and important notes" in AWS's documentation).
const MAX_HEADERS: usize = 10_240;

/// The routes of an application.
#[derive(Debug)]
pub(crate) struct Router {
    /// The routes with a path, in order of precedence.
    routes: Vec<RouteEntry>,
    /// The `$default` routes, which receive what no other route matches.
    defaults: Vec<RouteEntry>,
    urls: Vec<RouteEntry>,
    /// A function URL is the only endpoint, and therefore at `/`.
    is_single_url: bool,
}

/// The destination of a request.
#[derive(Debug)]
pub(crate) enum Routing {
    Function(Box<RouteMatch>),
    /// The gateway responds by itself.
    Response(Response<Vec<u8>>),
}

/// A route and its function.
#[derive(Debug)]
struct RouteEntry {
    function: Arc<str>,
    api: Arc<Api>,
    payload_format: PayloadFormat,
    is_streamed: bool,
    integration_timeout: Option<Duration>,
    authorizer: Option<Arc<ApiAuthorizer>>,
    preflight_authorizer: Option<Arc<ApiAuthorizer>>,
    method: Option<Method>,
    route_key: Arc<str>,
    resource: Arc<str>,
    pattern: PathPattern,
}

impl Router {
    /// Creates the router. Of two equal routes, which belong to different APIs, the first one wins.
    pub(crate) fn new(application: &Application) -> Self {
        let (mut routes, mut defaults, mut urls) = (Vec::new(), Vec::new(), Vec::new());
        for function in &application.functions {
            let name: Arc<str> = function.name.as_str().into();
            for endpoint in &function.endpoints {
                let (path, is_default) = (&endpoint.path, endpoint.path == "$default");
                let target = RouteEntry {
                    function: Arc::clone(&name),
                    api: Arc::clone(&endpoint.api),
                    payload_format: endpoint.payload_format,
                    is_streamed: endpoint.is_streamed
                        || endpoint.api.kind == ApiKind::FunctionUrl { stream: true },
                    integration_timeout: endpoint.integration_timeout,
                    authorizer: endpoint.authorizer.clone(),
                    preflight_authorizer: endpoint.preflight_authorizer.clone(),
                    method: endpoint.method.clone(),
                    route_key: endpoint.route_key().into(),
                    resource: path.as_str().into(),
                    pattern: PathPattern::new(path),
                };
                match endpoint.api.kind {
                    ApiKind::FunctionUrl { .. } => urls.push(target),
                    _ if is_default => defaults.push(target),
                    _ => routes.push(target),
                }
            }
        }
        routes.sort_by(RouteEntry::precedence);
        let is_single_url = urls.len() == 1 && routes.is_empty() && defaults.is_empty();
        Self { routes, defaults, urls, is_single_url }
    }

    /// Lists the routes in the order of their paths: method and path, the kind of the API, whether the response
    /// is streamed, and the function.
    pub(crate) fn list(&self) -> Vec<(String, ApiKind, bool, &str)> {
        let mut routes: Vec<_> = self.routes.iter().chain(&self.defaults).collect();
        routes.sort_by(|one, other| {
            (&one.resource, &one.route_key).cmp(&(&other.resource, &other.route_key))
        });
        let routes = routes.into_iter().map(|target| (target.route_key.to_string(), target));
        let urls = self.urls.iter().map(|target| {
            let path =
                if self.is_single_url { "/".into() } else { format!("/{}/", target.function) };
            (format!("ANY {path}"), target)
        });
        let all = routes.chain(urls);
        all.map(|(key, target)| (key, target.api.kind, target.is_streamed, &*target.function))
            .collect()
    }

    /// Returns the methods of the routes that have this path, in any stage.
    pub(crate) fn methods(&self, path: &str) -> Vec<&str> {
        let in_stage = split_stage(path);
        let has_path = |target: &&RouteEntry| {
            let in_stage = in_stage.filter(|(stage, _)| target.api.stage == *stage);
            let paths = std::iter::once(path).chain(in_stage.map(|(_, path)| path));
            paths.into_iter().any(|path| target.pattern.matches(path).is_some())
        };
        let routes = self.routes.iter().filter(has_path);
        let mut methods: Vec<_> =
            routes.filter_map(|target| target.method.as_ref().map(Method::as_str)).collect();
        methods.sort_unstable();
        methods.dedup();
        methods
    }

    pub(crate) fn route(&self, request: &Parts) -> Routing {
        let path = request.uri.path();
        if !path.starts_with('/') || request.method == Method::CONNECT {
            return Routing::Response(error::bad_request());
        }
        if let Some((target, path)) = self.find_url(path) {
            return target.accept(request, path.to_owned(), Vec::new());
        }
        let in_stage = || {
            let (stage, path) = split_stage(path)?;
            self.find(request, path, |api| api.stage == stage)
        };
        let is_rest = |target: &RouteEntry| target.api.kind == ApiKind::Rest;
        in_stage().or_else(|| self.find(request, path, |_| true)).unwrap_or_else(|| {
            Routing::Response(if !self.routes.is_empty() && self.routes.iter().all(is_rest) {
                error::missing_authentication_token()
            } else {
                error::not_found()
            })
        })
    }

    /// Routes a request among some of the APIs; `None` if they do not have its path.
    fn find(
        &self,
        request: &Parts,
        path: &str,
        is_candidate: impl Fn(&Api) -> bool,
    ) -> Option<Routing> {
        if !METHODS.contains(&request.method) {
            return None;
        }
        // REST APIs ignore trailing slashes.
        let trimmed = match path.trim_end_matches('/') {
            "" => "/",
            trimmed => trimmed,
        };
        let routes = self.routes.iter().filter(|target| is_candidate(&target.api));
        let matching = routes.filter_map(|target| {
            let path = if target.api.kind == ApiKind::Rest { trimmed } else { path };
            Some((target, target.pattern.matches(path)?))
        });
        let matching: Vec<_> = matching.collect();
        let default = self.defaults.iter().find(|target| is_candidate(&target.api));
        let candidates = matching.iter().map(|(target, _)| *target).chain(default);
        let http: Vec<_> = candidates.filter(|target| target.api.kind == ApiKind::Http).collect();
        if let Some(response) =
            http.iter().find_map(|target| cors::preflight_response(&target.api, request))
        {
            // A route that takes `OPTIONS` requests asks its authorizer first ("Configuring CORS for an
            // HTTP API" in the guide of API Gateway).
            let target = http.iter().find(|target| target.accepts(&request.method));
            return Some(match target {
                Some(target) => target.answer(request, path, target.authorizer.as_ref(), response),
                None => Routing::Response(response),
            });
        }
        let mut resource: Option<&RouteEntry> = None;
        for (target, variables) in matching {
            // A REST API settles on a path before it looks for the method.
            if target.api.kind == ApiKind::Rest
                && !resource.get_or_insert(target).has_same_path(target)
            {
                continue;
            }
            // The method that SAM adds for CORS comes before `ANY`.
            if target.method.is_none() && cors::has_mock(&target.api, &request.method) {
                continue;
            }
            if target.accepts(&request.method) {
                return Some(target.accept(request, path.to_owned(), variables));
            }
        }
        if let Some(resource) = resource {
            let siblings = self.routes.iter().filter(|target| resource.has_same_path(target));
            let methods = siblings.map(|target| target.method.as_ref());
            let authorizer = resource.preflight_authorizer.as_ref();
            return Some(match cors::mock_response(&resource.api, request, methods) {
                Some(response) => resource.answer(request, path, authorizer, response),
                None => Routing::Response(error::missing_authentication_token()),
            });
        }
        default.map(|target| target.accept(request, path.to_owned(), Vec::new()))
    }

    /// Returns the function URL that a path belongs to, and the path within it.
    fn find_url<'a>(&self, path: &'a str) -> Option<(&RouteEntry, &'a str)> {
        if self.is_single_url {
            return self.urls.first().map(|target| (target, path));
        }
        self.urls.iter().find_map(|target| {
            match path.strip_prefix('/')?.strip_prefix(&*target.function)? {
                "" => Some((target, "/")),
                path => path.starts_with('/').then_some((target, path)),
            }
        })
    }
}

/// Splits a path into its first segment, which can be a stage, and the rest.
fn split_stage(path: &str) -> Option<(&str, &str)> {
    let stage = path.strip_prefix('/')?.split('/').next()?;
    match path.get(1 + stage.len()..)? {
        "" => Some((stage, "/")),
        path => Some((stage, path)),
    }
}

impl RouteEntry {
    /// Checks whether both are methods of the same path in the same API.
    fn has_same_path(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.api, &other.api) && self.resource == other.resource
    }

    fn accepts(&self, method: &Method) -> bool {
        self.method.as_ref().is_none_or(|own| own == method)
    }

    /// Answers with the gateway's own response, once the authorizer has allowed it.
    fn answer(
        &self,
        request: &Parts,
        path: &str,
        authorizer: Option<&Arc<ApiAuthorizer>>,
        response: Response<Vec<u8>>,
    ) -> Routing {
        match (authorizer, self.accept(request, path.to_owned(), Vec::new())) {
            (Some(authorizer), Routing::Function(mut route)) => {
                route.authorizer = Some(Arc::clone(authorizer));
                route.own_response = Some(Box::new(response));
                Routing::Function(route)
            }
            _ => Routing::Response(response),
        }
    }

    fn precedence(&self, other: &Self) -> Ordering {
        let methods = self.method.is_none().cmp(&other.method.is_none());
        self.pattern.precedence(&other.pattern).then(methods)
    }

    fn accept(
        &self,
        request: &Parts,
        path: String,
        path_parameters: Vec<(String, String)>,
    ) -> Routing {
        let is_url = matches!(self.api.kind, ApiKind::FunctionUrl { .. });
        if is_url && let Some(response) = cors::preflight_response(&self.api, request) {
            return Routing::Response(response);
        }
        let header = |name| request.headers.get(name).cloned();
        let route = RouteMatch {
            function: Arc::clone(&self.function),
            api: Arc::clone(&self.api),
            payload_format: self.payload_format,
            is_streamed: self.is_streamed,
            integration_timeout: self.integration_timeout,
            authorizer: self.authorizer.clone(),
            authorizer_context: None,
            own_response: None,
            route_key: Arc::clone(&self.route_key),
            resource: Arc::clone(&self.resource),
            path,
            path_parameters,
            ids: RequestIds::new(self.api.kind, request),
            origin: header(header::ORIGIN),
            accept: header(header::ACCEPT),
        };
        if !is_url && size(self.api.kind, request) > MAX_HEADERS {
            return Routing::Response(GatewayError::HeadersTooLarge.response(&route));
        }
        Routing::Function(Box::new(route))
    }
}

/// Adds up the sizes of all header values, and for an HTTP API that of the request line.
fn size(kind: ApiKind, request: &Parts) -> usize {
    let line = match kind {
        ApiKind::Rest => 0,
        ApiKind::Http | ApiKind::FunctionUrl { .. } => {
            let target = request.uri.path_and_query().map_or(0, |target| target.as_str().len());
            request.method.as_str().len() + target + "  HTTP/1.1".len()
        }
    };
    line + request.headers.values().map(HeaderValue::len).sum::<usize>()
}
