//! A request: what a function may ask of it, and how a test makes one.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::event::{Event, Http, Object, PairList, Pairs, RequestContext, Str};
use super::query::Query;
use super::{Authorizer, Body, Kind, form};
use crate::json_path::path_at;
use crate::{Failure, json};

/// An HTTP request, whatever sent it: an API Gateway HTTP API or REST API, a Function URL, an
/// Application Load Balancer.
///
/// It borrows from the event. Names of headers are found in upper and lower case alike, all other
/// names as they are written.
///
/// ```
/// use lambda_native::http::Request;
///
/// let event = br#"{
///     "version": "2.0",
///     "rawPath": "/prod/hello",
///     "rawQueryString": "name=Ada+Lovelace",
///     "headers": {"content-type": "text/plain"},
///     "requestContext": {"stage": "prod", "http": {"method": "POST"}},
///     "body": "c2hvdXQ=",
///     "isBase64Encoded": true
/// }"#;
/// let request = Request::from_slice(event)?;
/// assert_eq!(request.method(), "POST");
/// assert_eq!(request.path(), "/hello");
/// assert_eq!(request.query("name").as_deref(), Some("Ada Lovelace"));
/// assert_eq!(request.header("Content-Type"), Some("text/plain"));
/// assert_eq!(request.text()?, "shout");
/// # Ok::<(), lambda_native::Failure>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request<'a> {
    kind: Kind,
    method: Cow<'a, str>,
    raw_path: Cow<'a, str>,
    path: Cow<'a, str>,
    query: Query<'a>,
    headers: PairList<'a>,
    cookies: Vec<Cow<'a, str>>,
    path_parameters: PairList<'a>,
    stage_variables: PairList<'a>,
    stage: Option<Cow<'a, str>>,
    route_key: Option<Cow<'a, str>>,
    resource: Option<Cow<'a, str>>,
    source_ip: Option<Cow<'a, str>>,
    user_agent: Option<Cow<'a, str>>,
    authorizer: Option<Cow<'a, str>>,
    identity: Option<&'a str>,
    body: Body<'a>,
}

/// What it is.
impl Request<'_> {
    /// What sent the request.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The method: `GET`, `POST`, …
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, without the API's stage.
    ///
    /// HTTP APIs decode it (`/a b`); REST APIs, Function URLs and load balancers hand it over as it
    /// was sent (`/a%20b`).
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path with the API's stage, where the URL has one: `/prod/hello`.
    #[must_use]
    pub fn raw_path(&self) -> &str {
        &self.raw_path
    }

    /// The stage of the API, `$default` among them; load balancers have none.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        self.stage.as_deref()
    }

    /// The route that was chosen, as HTTP APIs write it: `GET /hello/{name}`, or `$default`.
    #[must_use]
    pub fn route_key(&self) -> Option<&str> {
        self.route_key.as_deref()
    }

    /// The resource that was chosen, as REST APIs write it: `/hello/{name}`.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// A parameter of the path: `name`, where the route is `/hello/{name}`.
    ///
    /// HTTP APIs decode it, REST APIs hand it over as it was sent.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        find(&self.path_parameters, name)
    }

    /// All parameters of the path.
    pub fn path_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        as_strs(&self.path_parameters)
    }

    /// A variable of the API's stage.
    #[must_use]
    pub fn stage_variable(&self, name: &str) -> Option<&str> {
        find(&self.stage_variables, name)
    }

    /// The address of the client, as the gateway saw it; with a load balancer the last one of
    /// `x-forwarded-for`, which the balancer itself has put there.
    #[must_use]
    pub fn source_ip(&self) -> Option<&str> {
        match self.kind {
            Kind::LoadBalancer { .. } if self.source_ip.is_none() => {
                let forwarded = self.header_all("x-forwarded-for").last()?;
                forwarded.rsplit(',').next().map(str::trim)
            }
            _ => self.source_ip.as_deref(),
        }
    }

    /// What the client says that it is.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.header("user-agent").or(self.user_agent.as_deref())
    }

    /// What the API's authorizer found out about the caller, if there is one.
    #[must_use]
    pub fn authorizer(&self) -> Option<Authorizer<'_>> {
        let authorizer = self.authorizer.as_deref();
        match self.kind {
            Kind::RestApi => Authorizer::of_1_0(authorizer, self.identity),
            _ => Authorizer::of_2_0(authorizer?),
        }
    }
}

/// Its query.
impl Request<'_> {
    /// The first value of that name in the query, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.query_pairs().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// All values of that name in the query, decoded.
    ///
    /// Load balancers send only the last one unless the target group has multi-value headers.
    pub fn query_all(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        self.query_pairs().filter_map(move |(key, value)| (key == name).then_some(value))
    }

    /// All names and values of the query, decoded; what is not UTF-8 is replaced by `�`.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.query.pairs()
    }

    /// The query as it stands in the URL, without the `?`; with payload 1.0 and load balancers,
    /// which take it apart, put together again.
    #[must_use]
    pub fn raw_query(&self) -> Cow<'_, str> {
        self.query.raw()
    }
}

/// Its headers and cookies.
impl Request<'_> {
    /// The first value of a header, its name in any case.
    ///
    /// HTTP APIs and Function URLs join the values of a header that was sent repeatedly, with `,`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// All values of a header, its name in any case.
    pub fn header_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers()
            .filter_map(move |(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// All headers, one item for each value.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        as_strs(&self.headers)
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The names and values of all cookies, as they were sent.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        // Payload 2.0 takes the cookies out of the headers, a Function URL leaves a copy there.
        let from_headers = self.cookies.is_empty().then(|| self.header_all("cookie"));
        self.cookies
            .iter()
            .map(AsRef::as_ref)
            .chain(from_headers.into_iter().flatten())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
    }
}

/// Its body.
impl Request<'_> {
    /// The body, with base64 undone; empty where there is none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.as_bytes()
    }

    /// The body as text.
    ///
    /// # Errors
    /// A failure with status 400 if it is not UTF-8.
    pub fn text(&self) -> Result<&str, Failure> {
        match self.body.as_text() {
            Some(text) => Ok(text),
            None => str::from_utf8(self.body.as_bytes())
                .map_err(|error| unreadable("text", &error.to_string())),
        }
    }

    /// The body as JSON; `T` may borrow from the request.
    ///
    /// ```
    /// use lambda_native::http::Request;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Order<'a> {
    ///     item: &'a str,
    /// }
    ///
    /// let request = Request::new("POST", "/orders").with_body(r#"{"item":"tea"}"#);
    /// assert_eq!(request.json::<Order<'_>>().unwrap().item, "tea");
    ///
    /// let failure = Request::new("POST", "/orders").json::<Order<'_>>().err().unwrap();
    /// assert_eq!(failure.status(), Some(400));
    /// assert_eq!(failure.message(), "cannot read the body as JSON: it is empty");
    /// ```
    ///
    /// # Errors
    /// A failure with status 400 if it is not JSON or not a `T`.
    pub fn json<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Failure> {
        let body = self.body();
        if body.is_empty() {
            return Err(unreadable("JSON", "it is empty"));
        }
        json::read(body).map_err(|error| {
            let path = path_at(body, error.line(), error.column());
            let form = if path.is_empty() { "JSON" } else { &format!("JSON at `{path}`") };
            unreadable(form, &error.to_string())
        })
    }

    /// The body as a form (`application/x-www-form-urlencoded`): a struct with a field for each
    /// name, or, where names may be repeated, a `Vec` of pairs.
    ///
    /// ```
    /// use lambda_native::http::Request;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Order {
    ///     item: String,
    ///     count: u32,
    ///     gift: Option<bool>,
    /// }
    ///
    /// let request = Request::new("POST", "/orders").with_body("item=green+tea&count=2");
    /// let order: Order = request.form()?;
    /// assert_eq!((order.item.as_str(), order.count, order.gift), ("green tea", 2, None));
    ///
    /// let pairs: Vec<(String, String)> = request.form()?;
    /// assert_eq!(pairs[1], ("count".to_owned(), "2".to_owned()));
    /// # Ok::<(), lambda_native::Failure>(())
    /// ```
    ///
    /// # Errors
    /// A failure with status 400 if it is not a `T`.
    pub fn form<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Failure> {
        form::decode(self.body()).map_err(|error| unreadable("a form", &error.to_string()))
    }
}

/// Made from an event.
impl<'a> Request<'a> {
    /// Reads the event of any [`Kind`].
    ///
    /// # Errors
    /// `Runtime.UnmarshalError` if it is none of them, naming the nearest and what it lacks.
    pub fn from_slice(event: &'a [u8]) -> Result<Self, Failure> {
        let Object(event) = json::decode::<Object<Event<'a>>>(event)?;
        let kind = event.kind();
        let mut context = event.request_context;
        let stage = text(context.stage.take());
        let line = match kind {
            Kind::HttpApi | Kind::FunctionUrl => {
                RequestLine::of_2_0(kind, event.raw_path, &mut context, stage.as_deref())?
            }
            Kind::RestApi => {
                // REST APIs leave the stage out of the path, HTTP APIs with payload 1.0 do not;
                // only these send a `version`.
                let stage = stage.as_deref().filter(|_| event.version.is_some());
                let raw_path = context.path.take();
                RequestLine::of_1_0(kind, event.http_method, event.path, raw_path, stage)?
            }
            Kind::LoadBalancer { .. } => {
                RequestLine::of_1_0(kind, event.http_method, event.path, None, None)?
            }
        };
        let query = match event.raw_query_string {
            Some(Str(raw)) => Query::Raw(raw),
            None => {
                let pairs = match event.multi_value_query_string_parameters {
                    Some(pairs) => pairs.0,
                    None => nested::<Pairs<'a>>(event.query_string_parameters)?.0,
                };
                match kind {
                    Kind::LoadBalancer { .. } => Query::Encoded(pairs),
                    _ => Query::Decoded(pairs),
                }
            }
        };
        let headers = match (event.multi_value_headers, event.headers) {
            (Some(headers), None) => headers.0,
            (Some(headers), Some(_)) if !headers.0.is_empty() => headers.0,
            (_, headers) => headers.unwrap_or_default().0,
        };
        let Object(client) = match context.http {
            Some(http) => http,
            None => nested::<Object<Http<'a>>>(context.identity)?,
        };
        let pairs = |pairs: Option<Pairs<'a>>| pairs.unwrap_or_default().0;
        Ok(Self {
            kind,
            method: line.method,
            raw_path: line.raw_path,
            path: line.path,
            query,
            headers,
            cookies: event
                .cookies
                .unwrap_or_default()
                .into_iter()
                .map(|Str(cookie)| cookie)
                .collect(),
            path_parameters: pairs(event.path_parameters),
            stage_variables: pairs(event.stage_variables),
            stage,
            route_key: text(event.route_key),
            resource: text(event.resource),
            source_ip: text(client.source_ip),
            user_agent: text(client.user_agent),
            authorizer: context.authorizer.map(|json| Cow::Borrowed(json.get())),
            identity: context.identity.map(RawValue::get),
            body: match event.body {
                None => Body::empty(),
                Some(Str(body)) if event.is_base64_encoded == Some(true) => {
                    decode_base64(&body)?.into()
                }
                Some(Str(body)) => body.into(),
            },
        })
    }
}

/// Method and path, wherever the event has them.
struct RequestLine<'a> {
    method: Cow<'a, str>,
    raw_path: Cow<'a, str>,
    path: Cow<'a, str>,
}

impl<'a> RequestLine<'a> {
    fn of_2_0(
        kind: Kind,
        raw_path: Option<Str<'a>>,
        context: &mut RequestContext<'a>,
        stage: Option<&str>,
    ) -> Result<Self, Failure> {
        let Object(http) = context.http.get_or_insert_default();
        match (http.method.take(), raw_path.or(http.path.take())) {
            (Some(Str(method)), Some(Str(raw_path))) => {
                Ok(Self { method, path: without_stage(&raw_path, stage), raw_path })
            }
            (None, Some(_)) => Err(lacks(kind, "`requestContext.http.method`")),
            (Some(_), None) => Err(lacks(kind, "`rawPath`")),
            (None, None) => Err(lacks(kind, "`rawPath` and `requestContext.http.method`")),
        }
    }

    fn of_1_0(
        kind: Kind,
        method: Option<Str<'a>>,
        path: Option<Str<'a>>,
        raw_path: Option<Str<'a>>,
        stage: Option<&str>,
    ) -> Result<Self, Failure> {
        match (method, path) {
            (Some(Str(method)), Some(Str(path))) => Ok(Self {
                method,
                raw_path: raw_path.map_or_else(|| path.clone(), |Str(path)| path),
                path: without_stage(&path, stage),
            }),
            (None, Some(_)) => Err(lacks(kind, "`httpMethod`")),
            (Some(_), None) => Err(lacks(kind, "`path`")),
            (None, None) => Err(lacks(kind, "`httpMethod` and `path`")),
        }
    }
}

/// `/hello` of `/prod/hello`.
fn without_stage<'a>(path: &Cow<'a, str>, stage: Option<&str>) -> Cow<'a, str> {
    match path {
        Cow::Borrowed(path) => Cow::Borrowed(strip_stage(path, stage)),
        Cow::Owned(path) => Cow::Owned(strip_stage(path, stage).to_owned()),
    }
}

fn strip_stage<'p>(path: &'p str, stage: Option<&str>) -> &'p str {
    let rest = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// A part of the event that was left as JSON text; the default where it is not there.
fn nested<'a, T: Default + Deserialize<'a>>(json: Option<&'a RawValue>) -> Result<T, Failure> {
    json.map_or_else(|| Ok(T::default()), |json| json::decode(json.get().as_bytes()))
}

fn decode_base64(body: &str) -> Result<Vec<u8>, Failure> {
    BASE64_STANDARD.decode(body).map_err(|error| {
        let message = format!("cannot read the event: `body` is not base64: {error}");
        Failure::new("Runtime.UnmarshalError", message)
    })
}

fn lacks(kind: Kind, what: &str) -> Failure {
    let message = format!(
        "cannot read the event as an HTTP request: it is nearest to one of {kind}, but lacks {what}"
    );
    Failure::new("Runtime.UnmarshalError", message)
}

fn unreadable(form: &str, why: &str) -> Failure {
    Failure::new("BadRequest", format!("cannot read the body as {form}: {why}")).with_status(400)
}

fn text(text: Option<Str<'_>>) -> Option<Cow<'_, str>> {
    text.map(|Str(text)| text)
}

fn find<'p>(pairs: &'p PairList<'_>, name: &str) -> Option<&'p str> {
    as_strs(pairs).find_map(|(key, value)| (key == name).then_some(value))
}

fn as_strs<'p>(pairs: &'p PairList<'_>) -> impl Iterator<Item = (&'p str, &'p str)> {
    pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
}

/// Made for a test.
impl<'a> Request<'a> {
    /// A request as an HTTP API sends it, to put more into with the methods below.
    ///
    /// `target` is the path and, after a `?`, the query.
    ///
    /// ```
    /// use lambda_native::http::Request;
    ///
    /// let request = Request::new("GET", "/hello/Ada?shout=yes")
    ///     .with_path_parameter("name", "Ada")
    ///     .with_header("accept", "text/plain")
    ///     .with_cookie("session", "1234");
    /// assert_eq!(request.path(), "/hello/Ada");
    /// assert_eq!(request.query("shout").as_deref(), Some("yes"));
    /// assert_eq!(request.cookie("session"), Some("1234"));
    /// ```
    pub fn new(method: impl Into<Cow<'a, str>>, target: impl Into<Cow<'a, str>>) -> Self {
        let (path, query) = split_target(target.into());
        Self {
            kind: Kind::HttpApi,
            method: method.into(),
            raw_path: path.clone(),
            path,
            query: Query::Raw(query),
            headers: Vec::new(),
            cookies: Vec::new(),
            path_parameters: Vec::new(),
            stage_variables: Vec::new(),
            stage: Some(Cow::Borrowed("$default")),
            route_key: None,
            resource: None,
            source_ip: None,
            user_agent: None,
            authorizer: None,
            identity: None,
            body: Body::empty(),
        }
    }

    /// The same from something else.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// With a header, in place of one of the same name.
    #[must_use]
    pub fn with_header(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        let name = name.into();
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(&name));
        self.headers.push((name, value.into()));
        self
    }

    /// With one cookie more.
    #[must_use]
    pub fn with_cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push(Cow::Owned(format!("{name}={value}")));
        self
    }

    /// With a parameter of the path.
    #[must_use]
    pub fn with_path_parameter(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        self.path_parameters.push((name.into(), value.into()));
        self
    }

    /// With a variable of the API's stage.
    #[must_use]
    pub fn with_stage_variable(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        self.stage_variables.push((name.into(), value.into()));
        self
    }

    /// With the address of the client.
    #[must_use]
    pub fn with_source_ip(mut self, address: impl Into<Cow<'a, str>>) -> Self {
        self.source_ip = Some(address.into());
        self
    }

    /// With what an authorizer found out, as JSON in the form of the event's
    /// `requestContext.authorizer`; see [`Authorizer`].
    #[must_use]
    pub fn with_authorizer(mut self, json: impl Into<Cow<'a, str>>) -> Self {
        self.authorizer = Some(json.into());
        self
    }

    /// With a body: text or bytes.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body<'a>>) -> Self {
        self.body = body.into();
        self
    }
}

fn split_target(target: Cow<'_, str>) -> (Cow<'_, str>, Cow<'_, str>) {
    match target {
        Cow::Borrowed(target) => {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            (Cow::Borrowed(path), Cow::Borrowed(query))
        }
        Cow::Owned(target) => {
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            (Cow::Owned(path.to_owned()), Cow::Owned(query.to_owned()))
        }
    }
}
