//! Which function a request is for.

use std::cmp::Ordering;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use http::{HeaderValue, Method, header};
use uuid::Uuid;

use super::authorizer::Caller;
use super::pattern::Pattern;
use super::{Response, cors, failure};
use crate::application::{Api, Application, Authorizer, Kind, Payload};

/// Every route of an application.
#[derive(Debug)]
pub(crate) struct Router {
    /// Those with a path, the preferred ones first.
    routes: Vec<Target>,
    /// `$default`: they get what no other route takes.
    defaults: Vec<Target>,
    urls: Vec<Target>,
    /// Whether a function URL is all there is.
    is_one_url: bool,
}

/// What is to be done with a request.
#[derive(Debug)]
pub(crate) enum Routed {
    /// It is a function's.
    Function(Route),
    /// API Gateway answers by itself.
    Answer(Response),
}

/// A request's way to its function.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The function's logical id.
    pub(crate) function: Arc<str>,
    pub(crate) api: Arc<Api>,
    pub(crate) payload: Payload,
    pub(crate) authorizer: Option<Arc<Authorizer>>,
    /// What its authorizer says of the caller, once it has been asked.
    pub(crate) caller: Option<Caller>,
    /// `GET /orders/{id}`, `ANY /{proxy+}` or `$default`.
    pub(crate) key: Arc<str>,
    /// `/orders/{id}`, `/{proxy+}` or `$default`.
    pub(crate) resource: Arc<str>,
    /// The request's path as the API has it: without its stage, still percent-encoded.
    pub(crate) path: String,
    /// Still percent-encoded.
    pub(crate) path_parameters: Vec<(String, String)>,
    pub(crate) ids: Ids,
    /// The request's `Origin` and `Accept`, which its response depends on.
    pub(crate) origin: Option<HeaderValue>,
    pub(crate) accept: Option<HeaderValue>,
}

/// What a request is told apart by.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    /// API Gateway's or the function URL's own, not Lambda's.
    pub(crate) request: String,
    /// REST APIs have this one too.
    pub(crate) extended: String,
    /// `Root=1-…`, the client's where it has one: X-Ray's, for `Lambda-Runtime-Trace-Id` too.
    pub(crate) trace: String,
}

#[derive(Debug)]
struct Target {
    function: Arc<str>,
    api: Arc<Api>,
    payload: Payload,
    authorizer: Option<Arc<Authorizer>>,
    method: Option<Method>,
    key: Arc<str>,
    resource: Arc<str>,
    pattern: Pattern,
}

impl Router {
    /// Of two routes for the same requests, which are those of two APIs, the first gets them.
    pub(crate) fn new(application: &Application) -> Self {
        let (mut routes, mut defaults, mut urls) = (Vec::new(), Vec::new(), Vec::new());
        for function in &application.functions {
            let name: Arc<str> = function.name.as_str().into();
            for endpoint in &function.endpoints {
                let (path, is_default) = (&endpoint.path, endpoint.path == "$default");
                let target = Target {
                    function: Arc::clone(&name),
                    api: Arc::clone(&endpoint.api),
                    payload: endpoint.payload,
                    authorizer: endpoint.authorizer.clone(),
                    method: endpoint.method.clone(),
                    key: endpoint.key().into(),
                    resource: path.as_str().into(),
                    pattern: Pattern::new(path),
                };
                match endpoint.api.kind {
                    Kind::FunctionUrl { .. } => urls.push(target),
                    _ if is_default => defaults.push(target),
                    _ => routes.push(target),
                }
            }
        }
        routes.sort_by(Target::preference);
        let is_one_url = urls.len() == 1 && routes.is_empty() && defaults.is_empty();
        Self { routes, defaults, urls, is_one_url }
    }

    /// Each route, as a user is told of it, by path: its method and path, the kind of its API, and its
    /// function.
    pub(crate) fn list(&self) -> Vec<(String, Kind, &str)> {
        let mut routes: Vec<_> = self.routes.iter().chain(&self.defaults).collect();
        routes.sort_by(|one, other| (&one.resource, &one.key).cmp(&(&other.resource, &other.key)));
        let routes = routes.into_iter().map(|target| (target.key.to_string(), target));
        let urls = self.urls.iter().map(|target| {
            let path = if self.is_one_url { "/".into() } else { format!("/{}/", target.function) };
            (format!("ANY {path}"), target)
        });
        let all = routes.chain(urls);
        all.map(|(key, target)| (key, target.api.kind, &*target.function)).collect()
    }

    /// The function for a request, or the answer where there is none.
    pub(crate) fn route(&self, request: &Parts) -> Routed {
        let path = request.uri.path();
        if let Some((target, path)) = self.url(path) {
            return target.take(request, path.to_owned(), Vec::new());
        }
        let in_stage = || {
            let (stage, path) = in_stage(path)?;
            self.find(request, path, |api| api.stage == stage)
        };
        let is_rest = |target: &Target| target.api.kind == Kind::Rest;
        in_stage().or_else(|| self.find(request, path, |_| true)).unwrap_or_else(|| {
            Routed::Answer(if !self.routes.is_empty() && self.routes.iter().all(is_rest) {
                failure::no_method()
            } else {
                failure::no_route()
            })
        })
    }

    /// What some of the APIs do with a request; nothing where none of them knows its path.
    fn find(&self, request: &Parts, path: &str, is_meant: impl Fn(&Api) -> bool) -> Option<Routed> {
        // Trailing slashes mean something in HTTP APIs only.
        let bare = match path.trim_end_matches('/') {
            "" => "/",
            bare => bare,
        };
        let routes = self.routes.iter().filter(|target| is_meant(&target.api));
        let fitting = routes.filter_map(|target| {
            let path = if target.api.kind == Kind::Rest { bare } else { path };
            Some((target, target.pattern.matches(path)?))
        });
        let fitting: Vec<_> = fitting.collect();
        let default = self.defaults.iter().find(|target| is_meant(&target.api));
        if cors::is_preflight(request) {
            let asked = fitting.iter().map(|(target, _)| *target).chain(default);
            let http = asked.filter(|target| target.api.kind == Kind::Http);
            let mut answers = http.filter_map(|target| cors::preflight(&target.api, request));
            if let Some(answer) = answers.next() {
                return Some(Routed::Answer(answer));
            }
        }
        let mut resource: Option<&Target> = None;
        for (target, variables) in fitting {
            // A REST API looks for the path first, and then for the method in it.
            if target.api.kind == Kind::Rest && !resource.get_or_insert(target).is_beside(target) {
                continue;
            }
            if target.method.as_ref().is_none_or(|method| *method == request.method) {
                return Some(target.take(request, path.to_owned(), variables));
            }
        }
        if let Some(resource) = resource {
            let beside = self.routes.iter().filter(|target| resource.is_beside(target));
            let methods = beside.map(|target| target.method.as_ref());
            let answer = cors::mocked_preflight(&resource.api, request, methods);
            return Some(Routed::Answer(answer.unwrap_or_else(failure::no_method)));
        }
        default.map(|target| target.take(request, path.to_owned(), Vec::new()))
    }

    /// The function URL that a path is in, and the path there.
    fn url<'a>(&self, path: &'a str) -> Option<(&Target, &'a str)> {
        if self.is_one_url {
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

/// A path that begins with a stage, as all do on AWS but those of `$default`.
fn in_stage(path: &str) -> Option<(&str, &str)> {
    let stage = path.strip_prefix('/')?.split('/').next()?;
    match path.get(1 + stage.len()..)? {
        "" => Some((stage, "/")),
        path => Some((stage, path)),
    }
}

impl Target {
    /// Whether both are methods of one path of one API.
    fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.api, &other.api) && self.resource == other.resource
    }

    fn preference(&self, other: &Self) -> Ordering {
        let methods = self.method.is_none().cmp(&other.method.is_none());
        self.pattern.preference(&other.pattern).then(methods)
    }

    fn take(
        &self,
        request: &Parts,
        path: String,
        path_parameters: Vec<(String, String)>,
    ) -> Routed {
        if matches!(self.api.kind, Kind::FunctionUrl { .. })
            && cors::is_preflight(request)
            && let Some(answer) = cors::preflight(&self.api, request)
        {
            return Routed::Answer(answer);
        }
        let header = |name| request.headers.get(name).cloned();
        Routed::Function(Route {
            function: Arc::clone(&self.function),
            api: Arc::clone(&self.api),
            payload: self.payload,
            authorizer: self.authorizer.clone(),
            caller: None,
            key: Arc::clone(&self.key),
            resource: Arc::clone(&self.resource),
            path,
            path_parameters,
            ids: Ids::new(self.api.kind, request),
            origin: header(header::ORIGIN),
            accept: header(header::ACCEPT),
        })
    }
}

impl Ids {
    fn new(kind: Kind, request: &Parts) -> Self {
        let extended = short_id();
        let own = request.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok());
        Self {
            request: match kind {
                Kind::Http => extended.clone(),
                Kind::Rest | Kind::FunctionUrl { .. } => Uuid::new_v4().to_string(),
            },
            extended,
            trace: own.map_or_else(trace_id, str::to_owned),
        }
    }
}

/// `JKJaXmPLvHcESHA=`, as API Gateway's own ids are.
pub(super) fn short_id() -> String {
    let bytes = Uuid::new_v4().into_bytes();
    BASE64_STANDARD.encode(bytes.get(..11).unwrap_or_default())
}

/// `Root=1-65f0a1b2-` and 24 more digits: the time, in seconds, and chance.
fn trace_id() -> String {
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let chance = Uuid::new_v4().simple().to_string();
    format!("Root=1-{now:08x}-{}", chance.get(..24).unwrap_or_default())
}
