//! Requests: read from an event, or made by a test.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::authorizer::Authorizer;
use super::body::Body;
use super::event::{ClientInfo, HttpEvent, JsonObject, PairList, Pairs, RequestContext};
use super::form;
use super::kind::RequestKind;
use super::query::Query;
use super::request_body::RequestBody;
use crate::error::Error;
use crate::json;
use crate::json::borrowed::Str;
use crate::json::path::locate;
use crate::printable::printable;

/// An HTTP request, whatever sent it: an API Gateway HTTP API or REST API, a Function URL, an
/// Application Load Balancer, VPC Lattice.
///
/// It borrows from the event. For names of headers, upper and lower case are the same; all other names
/// must match exactly.
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
/// # Ok::<(), lambda_native::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request<'a> {
    kind: RequestKind,
    /// The request is one of an HTTP API with payload 1.0, which has a `version`, or else of a REST API.
    is_http_api_1_0: bool,
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
    identity: Option<Cow<'a, str>>,
    /// The event; `None` in a test.
    event: Option<RawEvent<'a>>,
    body: RequestBody<'a>,
}

/// An event as it came. Its `Debug` leaves out the bytes, which the other fields of a request have been read from.
#[derive(Clone, Copy)]
struct RawEvent<'a>(&'a [u8]);

impl fmt::Debug for RawEvent<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

/// The request line and the client.
impl Request<'_> {
    /// Returns the kind of service that sent the request.
    #[must_use]
    pub fn kind(&self) -> RequestKind {
        self.kind
    }

    /// Returns the method: `GET`, `POST`, …
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path, without the API's stage.
    ///
    /// HTTP APIs decode it (`/a b`). REST APIs, HTTP APIs with payload 1.0, Function URLs, load
    /// balancers and VPC Lattice pass it on as it was sent (`/a%20b`).
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the path with the API's stage, if the URL has one: `/prod/hello`.
    #[must_use]
    pub fn raw_path(&self) -> &str {
        &self.raw_path
    }

    /// Returns the stage of the API, such as `$default`. Load balancers have none.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        self.stage.as_deref()
    }

    /// Returns the matched route of an HTTP API: `GET /hello/{name}`, or `$default`.
    #[must_use]
    pub fn route_key(&self) -> Option<&str> {
        self.route_key.as_deref()
    }

    /// Returns the matched resource of a REST API: `/hello/{name}`.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// Returns a parameter of the path, such as `name` in the route `/hello/{name}`.
    ///
    /// HTTP APIs decode it. REST APIs pass it on as it was sent.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        find(&self.path_parameters, name)
    }

    /// Returns all parameters of the path.
    pub fn path_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        as_strs(&self.path_parameters)
    }

    /// Returns a variable of the API's stage.
    #[must_use]
    pub fn stage_variable(&self, name: &str) -> Option<&str> {
        find(&self.stage_variables, name)
    }

    /// Returns the address of the client, as the gateway saw it. For load balancers and VPC Lattice, this is the
    /// last address in `x-forwarded-for`, which they have added themselves.
    #[must_use]
    pub fn source_ip(&self) -> Option<&str> {
        match self.kind {
            RequestKind::LoadBalancer { .. } | RequestKind::VpcLattice
                if self.source_ip.is_none() =>
            {
                let forwarded = self.header_all("x-forwarded-for").last()?;
                forwarded.rsplit(',').next().map(str::trim)
            }
            _ => self.source_ip.as_deref(),
        }
    }

    /// Returns the `user-agent` of the client.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.header("user-agent").or(self.user_agent.as_deref())
    }

    /// Returns the caller, as the API's authorizer identified it, if there is one.
    #[must_use]
    pub fn authorizer(&self) -> Option<Authorizer<'_>> {
        let authorizer = self.authorizer.as_deref();
        match self.kind {
            RequestKind::RestApi => Authorizer::of_1_0(authorizer, self.identity.as_deref()),
            _ => Authorizer::of_2_0(authorizer?),
        }
    }

    /// Reads the `requestContext` of the event, for members that have no method here. Each call reads it again.
    ///
    /// ```
    /// use lambda_native::http::Request;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct RequestContext<'a> {
    ///     account_id: &'a str,
    ///     time_epoch: u64,
    /// }
    ///
    /// let event = br#"{
    ///     "rawPath": "/",
    ///     "requestContext": {"accountId": "123456789012", "timeEpoch": 1, "http": {"method": "GET"}}
    /// }"#;
    /// let request = Request::from_slice(event)?;
    /// let context: RequestContext<'_> = request.request_context()?;
    /// assert_eq!((context.account_id, context.time_epoch), ("123456789012", 1));
    /// # Ok::<(), lambda_native::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Runtime.UnmarshalError` if it is not a `T`, or if there is none: [`Request::new`] makes none.
    pub fn request_context<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Envelope<T> {
            request_context: T,
        }

        let event = self.event.map_or(&b"{}"[..], |event| event.0);
        json::decode::<Envelope<T>>(event).map(|envelope| envelope.request_context)
    }
}

/// Tells what the gateway has decoded.
impl Request<'_> {
    /// HTTP APIs decode the path in payload 2.0.
    pub(crate) fn has_decoded_path(&self) -> bool {
        self.kind == RequestKind::HttpApi
    }

    /// HTTP APIs decode the parameters of the path in both payloads.
    pub(crate) fn has_decoded_path_parameters(&self) -> bool {
        self.kind == RequestKind::HttpApi || self.is_http_api_1_0
    }
}

/// The query.
impl Request<'_> {
    /// Returns the first value of that name in the query, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        self.query_pairs().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Returns all values of that name in the query, decoded.
    ///
    /// VPC Lattice sends all, and load balancers send only the last one unless the target group has multi-value headers.
    pub fn query_all(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        self.query_pairs().filter_map(move |(key, value)| (key == name).then_some(value))
    }

    /// Returns all names and values of the query, decoded. Bytes that are not UTF-8 become `�`.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.query.pairs()
    }

    /// Returns the query as it stands in the URL, without the `?`. With payload 1.0 and load balancers,
    /// which split it, it is put together again.
    #[must_use]
    pub fn raw_query(&self) -> Cow<'_, str> {
        self.query.raw()
    }

    /// Reads the query into a struct with a field for each name, or into a `Vec` of pairs if names can be repeated.
    ///
    /// ```
    /// use lambda_native::http::Request;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Page {
    ///     number: u32,
    ///     order: Option<String>,
    /// }
    ///
    /// let request = Request::new("GET", "/items?number=3");
    /// let page: Page = request.query_as()?;
    /// assert_eq!((page.number, page.order), (3, None));
    ///
    /// let error = Request::new("GET", "/items").query_as::<Page>().err().unwrap();
    /// assert_eq!(error.status(), Some(400));
    /// assert_eq!(error.message(), "cannot read the query: missing field `number`");
    /// # Ok::<(), lambda_native::Error>(())
    /// ```
    ///
    /// # Errors
    /// With status 400 if it is not a `T`.
    pub fn query_as<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Error> {
        form::decode_pairs(self.query_pairs())
            .map_err(|error| unreadable("query", &error.to_string()))
    }
}

/// The headers and cookies.
impl Request<'_> {
    /// Returns the first value of a header. Upper and lower case are the same.
    ///
    /// HTTP APIs and Function URLs join the values of a repeated header with `,`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Returns all values of a header. Upper and lower case are the same.
    pub fn header_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers()
            .filter_map(move |(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Returns all headers, one item for each value.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        as_strs(&self.headers)
    }

    /// Returns the value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Returns the names and values of all cookies, as they were sent. One without a `=` is a value
    /// without a name, as for browsers (RFC 6265bis).
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.raw_cookies().map(|cookie| cookie.split_once('=').unwrap_or(("", cookie)))
    }

    /// Returns each cookie as it was sent: `name=value`.
    pub(super) fn raw_cookies(&self) -> impl Iterator<Item = &str> {
        // Payload 2.0 takes the cookies out of the headers, but a Function URL leaves a copy there.
        let from_headers = self.cookies.is_empty().then(|| self.header_all("cookie"));
        self.cookies
            .iter()
            .map(AsRef::as_ref)
            .chain(from_headers.into_iter().flatten())
            .flat_map(|cookies| cookies.split(';'))
            .map(str::trim)
            .filter(|cookie| !cookie.is_empty())
    }
}

/// The body.
impl Request<'_> {
    /// Returns the body, with base64 decoded. It is empty if there is none.
    ///
    /// The body stays as it stands in the event until this method, [`text`](Self::text),
    /// [`json`](Self::json) or [`form`](Self::form) asks for it. It is decoded once.
    ///
    /// # Errors
    /// `Runtime.UnmarshalError` with status 400 if the event says that it is base64 and it is not, or if its JSON
    /// has half of a surrogate pair. AWS's services send neither.
    pub fn body(&self) -> Result<&[u8], Error> {
        self.body.as_bytes()
    }

    /// Returns the body as text.
    ///
    /// # Errors
    /// With status 400 if it is not UTF-8; those of [`body`](Self::body).
    pub fn text(&self) -> Result<&str, Error> {
        match self.body.as_text()? {
            Some(text) => Ok(text),
            None => str::from_utf8(self.body.as_bytes()?)
                .map_err(|error| unreadable("body as text", &error.to_string())),
        }
    }

    /// Reads the body as JSON. `T` can borrow from the request.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use lambda_native::http::Request;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Order<'a> {
    ///     #[serde(borrow)]
    ///     item: Cow<'a, str>,
    /// }
    ///
    /// let request = Request::new("POST", "/orders").with_body(r#"{"item":"tea"}"#);
    /// assert_eq!(request.json::<Order<'_>>().unwrap().item, "tea");
    ///
    /// let error = Request::new("POST", "/orders").json::<Order<'_>>().err().unwrap();
    /// assert_eq!(error.status(), Some(400));
    /// assert_eq!(error.message(), "cannot read the body as JSON: it is empty");
    /// ```
    ///
    /// # Errors
    /// With status 400 if it is not JSON or not a `T`; those of [`body`](Self::body).
    pub fn json<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Error> {
        let body = self.body()?;
        if body.is_empty() {
            return Err(unreadable("body as JSON", "it is empty"));
        }
        json::read(body).map_err(|error| {
            let (path, error) = locate(body, &error, &json::read_error::<T>);
            let at = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
            unreadable(&format!("body as JSON{at}"), &error)
        })
    }

    /// Reads the body as a form (`application/x-www-form-urlencoded`), into a struct with a field for
    /// each name, or into a `Vec` of pairs if names can be repeated.
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
    /// # Ok::<(), lambda_native::Error>(())
    /// ```
    ///
    /// # Errors
    /// With status 400 if it is not a `T`; those of [`body`](Self::body).
    pub fn form<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Error> {
        form::decode(self.body()?).map_err(|error| unreadable("body as a form", &error.to_string()))
    }
}

/// Requests from events.
impl<'a> Request<'a> {
    /// Reads the event of any [`RequestKind`].
    ///
    /// # Errors
    /// `Runtime.UnmarshalError` if it is none of them. The message names the most similar kind and the
    /// fields that are missing.
    pub fn from_slice(event: &'a [u8]) -> Result<Self, Error> {
        let event_json = event;
        let JsonObject(event) = json::decode::<JsonObject<HttpEvent<'a>>>(event)?;
        let kind = event.kind();
        if let Some(other) = event.other_source() {
            return Err(unsupported(other));
        }
        let mut context = event.request_context;
        let stage = text(context.stage.take());
        let is_http_api_1_0 = kind == RequestKind::RestApi && event.version.is_some();
        let line = match kind {
            RequestKind::HttpApi | RequestKind::FunctionUrl => {
                RequestLine::of_2_0(kind, event.raw_path, &mut context, stage.as_deref())?
            }
            RequestKind::RestApi => {
                // The path has no stage in the events of REST APIs, but has it in those of HTTP APIs
                // with payload 1.0, where that of the context is decoded.
                let stage = stage.as_deref().filter(|_| is_http_api_1_0);
                let raw_path = context.path.take().filter(|_| !is_http_api_1_0);
                RequestLine::of_1_0(kind, event.http_method, event.path, raw_path, stage)?
            }
            RequestKind::LoadBalancer { .. } => {
                RequestLine::of_1_0(kind, event.http_method, event.path, None, None)?
            }
            RequestKind::VpcLattice => {
                RequestLine::of_1_0(kind, event.method, event.path, None, None)?
            }
        };
        let query = match event.raw_query_string {
            Some(Str(raw)) if !raw.is_empty() => Query::Raw(raw),
            _ => {
                let single = nested::<Pairs<'a>>(event.query_string_parameters)?.0;
                let multi = event.multi_value_query_string_parameters.unwrap_or_default().0;
                let pairs = merged(multi, single, |name, other| name == other);
                match kind {
                    // It does not decode them ("Lambda functions as targets" of VPC Lattice), as load balancers.
                    RequestKind::LoadBalancer { .. } | RequestKind::VpcLattice => {
                        Query::Encoded(pairs)
                    }
                    _ => Query::Decoded(pairs),
                }
            }
        };
        let headers = merged(
            event.multi_value_headers.unwrap_or_default().0,
            event.headers.unwrap_or_default().0,
            str::eq_ignore_ascii_case,
        );
        let JsonObject(client) = match context.http {
            Some(http) => http,
            None => nested::<JsonObject<ClientInfo<'a>>>(context.identity)?,
        };
        let pairs = |pairs: Option<Pairs<'a>>| pairs.unwrap_or_default().0;
        Ok(Self {
            kind,
            is_http_api_1_0,
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
            identity: context.identity.map(|json| Cow::Borrowed(json.get())),
            event: Some(RawEvent(event_json)),
            body: RequestBody::of_event(event.body, event.is_base64_encoded == Some(true)),
        })
    }
}

/// The method and the path, whatever fields of the event hold them.
struct RequestLine<'a> {
    method: Cow<'a, str>,
    raw_path: Cow<'a, str>,
    path: Cow<'a, str>,
}

impl<'a> RequestLine<'a> {
    fn of_2_0(
        kind: RequestKind,
        raw_path: Option<Str<'a>>,
        context: &mut RequestContext<'a>,
        stage: Option<&str>,
    ) -> Result<Self, Error> {
        let JsonObject(http) = context.http.get_or_insert_default();
        match (http.method.take(), raw_path.or(http.path.take())) {
            (Some(Str(method)), Some(Str(raw_path))) => {
                Ok(Self { method, path: without_stage(&raw_path, stage), raw_path })
            }
            (None, Some(_)) => Err(missing(kind, "`requestContext.http.method` is")),
            (Some(_), None) => Err(missing(kind, "`rawPath` is")),
            (None, None) => Err(missing(kind, "`rawPath` and `requestContext.http.method` are")),
        }
    }

    fn of_1_0(
        kind: RequestKind,
        method: Option<Str<'a>>,
        path: Option<Str<'a>>,
        raw_path: Option<Str<'a>>,
        stage: Option<&str>,
    ) -> Result<Self, Error> {
        let name = if kind == RequestKind::VpcLattice { "method" } else { "httpMethod" };
        match (method, path) {
            (Some(Str(method)), Some(Str(path))) => Ok(Self {
                method,
                raw_path: raw_path.map_or_else(|| path.clone(), |Str(path)| path),
                path: without_stage(&path, stage),
            }),
            (None, Some(_)) => Err(missing(kind, &format!("`{name}` is"))),
            (Some(_), None) => Err(missing(kind, "`path` is")),
            (None, None) => Err(missing(kind, &format!("`{name}` and `path` are"))),
        }
    }
}

/// Returns the `/hello` in `/prod/hello`.
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

/// Returns all pairs of `multi`, and those of `single` whose names `multi` does not have. Payload 1.0
/// repeats every name in both, but events that are written by hand often do not.
fn merged<'a>(
    mut multi: PairList<'a>,
    mut single: PairList<'a>,
    is_same: fn(&str, &str) -> bool,
) -> PairList<'a> {
    single.retain(|(name, _)| !multi.iter().any(|(other, _)| is_same(name, other)));
    if multi.is_empty() {
        return single;
    }
    multi.append(&mut single);
    multi
}

/// Reads a part of the event that was left as JSON text, or returns the default if it is missing.
fn nested<'a, T: Default + Deserialize<'a>>(json: Option<&'a RawValue>) -> Result<T, Error> {
    json.map_or_else(|| Ok(T::default()), |json| json::decode(json.get().as_bytes()))
}

/// Makes the error of an event that is like a request, and is none.
fn unsupported(source: &str) -> Error {
    let message = format!("cannot read the event as an HTTP request: it is an event of {source}");
    Error::new("Runtime.UnmarshalError", message)
}

fn missing(kind: RequestKind, fields: &str) -> Error {
    let message = format!(
        "cannot read the event as an HTTP request: it looks like an event from {kind}, but {fields} \
         missing"
    );
    Error::new("Runtime.UnmarshalError", message)
}

/// Makes the error of a part of the request that cannot be read: `what` is the `query`, or the `body as JSON`.
fn unreadable(what: &str, why: &str) -> Error {
    let message = printable(&format!("cannot read the {what}: {why}"), usize::MAX);
    Error::new("BadRequest", message).with_status(400)
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

/// Copies for other types.
#[cfg(feature = "tower")]
impl Request<'_> {
    /// Copies the parts that the gateway has added, and the query, without the headers and the body.
    pub(super) fn details(&self) -> Request<'static> {
        let owned =
            |text: &Option<Cow<'_, str>>| text.as_deref().map(|it| Cow::Owned(it.to_owned()));
        let pairs = |pairs: &PairList<'_>| {
            let owned = |text: &str| Cow::Owned(text.to_owned());
            as_strs(pairs).map(|(name, value)| (owned(name), owned(value))).collect()
        };
        Request {
            kind: self.kind,
            is_http_api_1_0: self.is_http_api_1_0,
            query: Query::Raw(Cow::Owned(self.raw_query().into_owned())),
            path_parameters: pairs(&self.path_parameters),
            stage_variables: pairs(&self.stage_variables),
            stage: owned(&self.stage),
            route_key: owned(&self.route_key),
            resource: owned(&self.resource),
            source_ip: self.source_ip().map(|address| Cow::Owned(address.to_owned())),
            authorizer: owned(&self.authorizer),
            identity: owned(&self.identity),
            ..Request::new("", "")
        }
    }
}

/// Requests for tests.
impl<'a> Request<'a> {
    /// Makes a request like that of an HTTP API. The methods below add to it.
    ///
    /// `target` is the path, with the query after a `?`.
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
            kind: RequestKind::HttpApi,
            is_http_api_1_0: false,
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
            event: None,
            body: RequestBody::Plain(Body::empty()),
        }
    }

    /// Sets the kind.
    #[must_use]
    pub fn with_kind(mut self, kind: RequestKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the stage of the API.
    #[must_use]
    pub(crate) fn with_stage(mut self, stage: impl Into<Cow<'a, str>>) -> Self {
        self.stage = Some(stage.into());
        self
    }

    /// Sets a header, and removes others of the same name.
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

    /// Adds a cookie.
    #[must_use]
    pub fn with_cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push(Cow::Owned(format!("{name}={value}")));
        self
    }

    /// Adds a parameter of the path.
    #[must_use]
    pub fn with_path_parameter(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        self.path_parameters.push((name.into(), value.into()));
        self
    }

    /// Adds a variable of the API's stage.
    #[must_use]
    pub fn with_stage_variable(
        mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        self.stage_variables.push((name.into(), value.into()));
        self
    }

    /// Sets the address of the client.
    #[must_use]
    pub fn with_source_ip(mut self, address: impl Into<Cow<'a, str>>) -> Self {
        self.source_ip = Some(address.into());
        self
    }

    /// Sets the result of the [`Authorizer`], as the JSON in `requestContext.authorizer` of an event.
    #[must_use]
    pub fn with_authorizer(mut self, json: impl Into<Cow<'a, str>>) -> Self {
        self.authorizer = Some(json.into());
        self
    }

    /// Sets the body, text or bytes.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body<'a>>) -> Self {
        self.body = RequestBody::Plain(body.into());
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
