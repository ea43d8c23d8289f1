//! Chooses the route of a request.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::OnceLock;

use percent_encoding::percent_decode_str;

use super::route::Route;
use crate::http::{IntoResponse, Problem, Request, Response};

/// The routes of a program, each with the position of its handler.
#[derive(Debug)]
pub(crate) struct Router {
    routes: Vec<(usize, Route)>,
    methods: OnceLock<Vec<Method>>,
}

/// The routes for one method. The values of the trees are positions in `Router::routes`.
#[derive(Debug)]
struct Method {
    name: &'static str,
    exact: matchit::Router<usize>,
    /// The routes with a greedy placeholder. They are tried after the others, as by API Gateway ("Create
    /// routes for HTTP APIs in API Gateway" in AWS's documentation).
    greedy: matchit::Router<usize>,
}

impl Method {
    fn find<'p>(&self, path: &'p str) -> Option<(usize, Vec<&'p str>)> {
        let found = self.exact.at(path).or_else(|_| self.greedy.at(path)).ok()?;
        Some((*found.value, found.params.iter().map(|(_, value)| value).collect()))
    }
}

impl Router {
    pub(crate) fn new(routes: Vec<(usize, Route)>) -> Self {
        Self { routes, methods: OnceLock::new() }
    }

    /// The trees. They are made at the first request that needs them, which a program behind a gateway with
    /// the same routes never gets.
    ///
    /// The macros have checked the routes, so of two for the same requests, which a tree refuses, one is for
    /// `ANY` method, and the other takes precedence.
    fn methods(&self) -> &[Method] {
        self.methods.get_or_init(|| {
            let mut methods: Vec<Method> = Vec::new();
            for (_, Route { method, .. }) in &self.routes {
                if !methods.iter().any(|other| other.name == *method) {
                    methods.push(Method {
                        name: method,
                        exact: matchit::Router::new(),
                        greedy: matchit::Router::new(),
                    });
                }
            }
            for method in &mut methods {
                let (own, any): (Vec<_>, Vec<_>) = (0..)
                    .zip(&self.routes)
                    .filter(|(_, (_, route))| route.takes(method.name))
                    .partition(|(_, (_, route))| route.method == method.name);
                for (position, (_, route)) in own.into_iter().chain(any) {
                    let tree =
                        if route.is_greedy() { &mut method.greedy } else { &mut method.exact };
                    let _ = tree.insert(pattern(route), position);
                }
            }
            methods
        })
    }

    /// Finds the route of a request, and the position of its handler.
    ///
    /// A gateway that has these routes has chosen one already. Any other request is routed by its method
    /// and path: those of Function URLs, load balancers, `$default` and `{proxy+}`.
    ///
    /// # Errors
    /// The response to a request that no route takes.
    pub(crate) fn find<'r>(
        &self,
        request: &'r Request<'r>,
    ) -> Result<(usize, Matched<'r>), Response> {
        let template = template(request);
        if let Some((position, values)) = template.and_then(|path| self.chosen(request, path)) {
            return Ok(self.matched(request, position, values));
        }
        let path = match template.and_then(|path| path_without_base(request, path)) {
            Some(path) => Cow::Owned(path),
            None => Cow::Borrowed(request.path()),
        };
        let Some((position, values)) = self.find_by_path(request.method(), &path) else {
            return Err(self.refuse(&path));
        };
        let is_decoded = request.has_decoded_path();
        let values = values.into_iter().map(|value| owned(decoded(value, is_decoded))).collect();
        Ok(self.matched(request, position, values))
    }

    /// Returns the route that the gateway has chosen, with the values of its placeholders, if it is one of
    /// these.
    fn chosen<'r>(
        &self,
        request: &'r Request<'r>,
        template: &str,
    ) -> Option<(usize, Vec<Cow<'r, str>>)> {
        let positions = |method: &str| {
            self.routes
                .iter()
                .position(|(_, route)| route.path == template && route.method == method)
        };
        let method = request.method();
        let position = positions(method)
            .or_else(|| (method == "HEAD").then(|| positions("GET")).flatten())
            .or_else(|| positions("ANY"))?;
        let (_, route) = self.routes.get(position)?;
        let is_decoded = request.has_decoded_path_parameters();
        let value = |name| Some(decoded(request.path_parameter(name)?, is_decoded));
        Some((position, route.placeholders().map(value).collect::<Option<_>>()?))
    }

    fn find_by_path<'p>(&self, method: &str, path: &'p str) -> Option<(usize, Vec<&'p str>)> {
        let of = |name: &str| self.methods().iter().find(|method| method.name == name);
        let any = || of("ANY")?.find(path);
        match of(method) {
            Some(method) => method.find(path),
            None if method == "HEAD" => of("GET").and_then(|get| get.find(path)).or_else(any),
            None => any(),
        }
        .or_else(|| if method == "HEAD" { of("GET")?.find(path) } else { None })
    }

    /// Responds to a request that no route takes: `405` if one takes its path with another method, or else
    /// `404`.
    fn refuse(&self, path: &str) -> Response {
        let mut allowed: Vec<&str> = Vec::new();
        for method in self.methods() {
            if method.find(path).is_some() {
                allowed.push(method.name);
                if method.name == "GET" && !self.methods().iter().any(|other| other.name == "HEAD")
                {
                    allowed.push("HEAD");
                }
            }
        }
        if allowed.is_empty() {
            return Problem::new(404).with_detail("no route has this path").into_response();
        }
        Problem::new(405)
            .with_detail("the route does not have this method")
            .into_response()
            .with_header("allow", allowed.join(", "))
    }

    fn matched<'r>(
        &self,
        request: &'r Request<'r>,
        position: usize,
        values: Vec<Cow<'r, str>>,
    ) -> (usize, Matched<'r>) {
        let placeholders =
            self.routes.get(position).into_iter().flat_map(|(_, route)| route.placeholders());
        let matched =
            Matched { request, path: placeholders.zip(values).collect(), query: OnceCell::new() };
        (self.routes.get(position).map_or(0, |(handler, _)| *handler), matched)
    }
}

/// A request with its route.
#[derive(Debug)]
pub struct Matched<'r> {
    request: &'r Request<'r>,
    /// The values of the placeholders, decoded.
    path: Vec<(&'static str, Cow<'r, str>)>,
    query: OnceCell<Vec<(Cow<'r, str>, Cow<'r, str>)>>,
}

impl<'r> Matched<'r> {
    /// A request that no route has been looked for.
    pub(crate) fn without_route(request: &'r Request<'r>) -> Self {
        Self { request, path: Vec::new(), query: OnceCell::new() }
    }

    /// Responds to a request that has not passed an authorizer. A function URL or a load balancer asks none,
    /// and neither does a route of the template without it.
    #[must_use]
    pub fn unauthorized(&self) -> Option<Response> {
        match self.request.authorizer() {
            Some(_) => None,
            None => Some(unauthorized()),
        }
    }

    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> &'r Request<'r> {
        self.request
    }

    /// Returns the same route of the request that a wrapper passes on.
    #[must_use]
    pub fn with<'n>(&self, request: &'n Request<'n>) -> Matched<'n> {
        let path = self.path.iter().map(|(name, value)| (*name, owned(value.clone())));
        Matched { request, path: path.collect(), query: OnceCell::new() }
    }

    /// Returns the value of a placeholder, decoded.
    pub(super) fn path(&self, name: &str) -> Option<&str> {
        self.path.iter().find_map(|(key, value)| (*key == name).then_some(&**value))
    }

    /// Returns the names and values of the query, decoded.
    pub(super) fn query(&self) -> &[(Cow<'r, str>, Cow<'r, str>)] {
        self.query.get_or_init(|| self.request.query_pairs().collect())
    }
}

/// Responds to a request that nobody vouches for.
pub(super) fn unauthorized() -> Response {
    Problem::new(401).with_detail("the request has not passed an authorizer").into_response()
}

/// The path of the route that the gateway has chosen: `/orders/{id}`.
fn template<'r>(request: &'r Request<'_>) -> Option<&'r str> {
    match request.route_key() {
        Some(key) => key.split_once(' ').map(|(_, path)| path),
        None => request.resource(),
    }
}

/// The path of a request without the base path of a custom domain: the route that the gateway has chosen, with
/// the values of its placeholders.
fn path_without_base(request: &Request<'_>, template: &str) -> Option<String> {
    // Else the parts would be decoded, and the whole would not.
    if request.has_decoded_path_parameters() != request.has_decoded_path() {
        return None;
    }
    let mut path = String::new();
    for segment in template.strip_prefix('/')?.split('/') {
        let placeholder = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        let value = match placeholder {
            Some(name) => request.path_parameter(name.trim_end_matches('+'))?,
            None => segment,
        };
        path.extend(["/", value]);
    }
    Some(path)
}

/// The route as `matchit` writes it. Placeholders are numbered, so that two routes can name the same one
/// differently.
fn pattern(route: &Route) -> String {
    let mut pattern = String::with_capacity(route.path.len());
    let mut number = 0;
    for segment in route.path.split('/').skip(1) {
        pattern.push('/');
        if segment.starts_with('{') {
            let star = if segment.ends_with("+}") { "*" } else { "" };
            pattern.extend(["{", star, &number.to_string(), "}"]);
            number += 1;
        } else {
            pattern.push_str(segment);
        }
    }
    pattern
}

fn decoded(value: &str, is_decoded: bool) -> Cow<'_, str> {
    if is_decoded { Cow::Borrowed(value) } else { percent_decode_str(value).decode_utf8_lossy() }
}

/// Values of a path that was put together do not outlive it.
fn owned<'r>(value: Cow<'_, str>) -> Cow<'r, str> {
    Cow::Owned(value.into_owned())
}
