//! The requests of the console: its files, its data, and what the user sends from it.
//!
//! Only its own page may send them: it runs functions with the user's credentials.

mod application;
mod events;
mod stream;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue, LOCATION};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::body::{HttpResponse, RequestBody, complete, plain, read};
use super::deployment::Deployment;
use super::http::Server;
use crate::local::access::Refusal;
use crate::local::connections::Ends;
use crate::local::console::{Console, content, file, header_pairs};
use crate::local::sample_events;
use crate::openapi;

/// Where the console is. No route of an API can be there.
pub(crate) const PATH: &str = "/_scaffold/";

/// The largest request of the page: an event in JSON, or a body in base64.
const MAX_REQUEST: usize = 32 * 1024 * 1024;

/// Characters that stand for themselves in a part of a path.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why the console cannot do what its page asks for.
type Failure = (StatusCode, String);

/// A request to send to an API.
#[derive(Deserialize)]
struct ClientRequest {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    /// The body, if it is not text.
    base64: Option<String>,
}

/// An event to invoke a function with.
#[derive(Deserialize)]
struct FunctionEvent {
    function: String,
    event: String,
}

/// An invocation whose event is saved as a file.
#[derive(Deserialize)]
struct SavedEvent {
    id: String,
    name: String,
}

/// Returns the rest of the path of a request to the console; `None` if it is not one.
pub(super) fn path(server: &Server, head: &Parts) -> Option<String> {
    server.console.as_ref()?;
    let path = head.uri.path();
    // Without the slash at the end, the page would not find its files.
    let rest = if path == "/_scaffold" { "/" } else { path.strip_prefix(PATH)? };
    Some(percent_decode_str(rest).decode_utf8_lossy().into_owned())
}

/// Responds to a request to `path` of the console.
pub(super) async fn answer(
    server: &Arc<Server>,
    path: &str,
    head: &Parts,
    body: RequestBody,
    ends: Ends,
) -> HttpResponse {
    if let Err(Refusal { status, reason }) = server.access.check_internal(head, ends.local) {
        return plain(status, reason + "\n");
    }
    let Some(console) = &server.console else { return not_found() };
    let request = ConsoleRequest { server, console, head, ends };
    match request.answer(path, body).await {
        Ok(response) => response,
        Err((status, reason)) => plain(status, reason),
    }
}

/// The response to a request that the page has sent.
struct PassedRequest {
    /// The id of the invocation in the history.
    id: Option<String>,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    took: Duration,
}

impl PassedRequest {
    fn describe(&self) -> Value {
        json!({
            "id": self.id,
            "status": self.status.as_u16(),
            "headers": header_pairs(&self.headers),
            "body": content(&self.body),
            "milliseconds": self.took.as_secs_f64() * 1000.0,
        })
    }
}

struct ConsoleRequest<'a> {
    server: &'a Arc<Server>,
    console: &'a Arc<Console>,
    head: &'a Parts,
    ends: Ends,
}

impl ConsoleRequest<'_> {
    async fn answer(&self, path: &str, body: RequestBody) -> Result<HttpResponse, Failure> {
        let Self { server, console, head, .. } = self;
        if head.method == Method::POST {
            return match path {
                "send" => self.send(parse(head, body).await?).await,
                "invoke" => self.invoke(parse(head, body).await?).await,
                "save" => self.save(&parse(head, body).await?),
                _ => Ok(not_found()),
            };
        }
        if head.method != Method::GET {
            return Err((StatusCode::METHOD_NOT_ALLOWED, "only GET and POST".to_owned()));
        }
        match path {
            "/" => Ok(redirect()),
            "stream" => Ok(stream::respond(server, console)),
            "openapi" => {
                let document = openapi::of_project(console.manifest_path.clone()).await;
                document.map(|document| json(&document)).map_err(|error| internal(error.explain()))
            }
            _ => {
                if let Some(response) = file(path) {
                    return Ok(complete(response));
                }
                let text = match path.split_once('/') {
                    Some(("invocation", id)) => {
                        return console
                            .history
                            .wait_for(id)
                            .await
                            .map(|invocation| json(&invocation.details()))
                            .ok_or_else(|| missing("this invocation is no longer kept"));
                    }
                    Some(("example", name)) => sample_events::event(name).map(Cow::into_owned),
                    Some(("saved", name)) => {
                        events::read(console, self.deployment().as_deref(), name)
                    }
                    _ => return Ok(not_found()),
                };
                let text = text.ok_or_else(|| missing("there is no such event"))?;
                Ok(json(&content(&text)))
            }
        }
    }

    /// Sends a request to an API, as a client on this machine would.
    async fn send(&self, request: ClientRequest) -> Result<HttpResponse, Failure> {
        let ClientRequest { method, target, headers, body, base64 } = request;
        let body = match base64 {
            Some(base64) => STANDARD.decode(base64).map_err(|error| bad(error.to_string()))?,
            None => body.into_bytes(),
        };
        let mut request = Request::builder().method(&*method).uri(target);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"))
            && let Some(host) = self.head.headers.get(HOST)
        {
            request = request.header(HOST, host);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::from(body)).map_err(|error| bad(error.to_string()))?;
        self.pass(request).await.map(|passed| json(&passed.describe()))
    }

    /// Invokes a function, as a client of the Invoke API would.
    async fn invoke(&self, event: FunctionEvent) -> Result<HttpResponse, Failure> {
        let name = utf8_percent_encode(&event.function, IN_PATH);
        let mut request = Request::post(format!("/2015-03-31/functions/{name}/invocations"));
        if let Some(host) = self.head.headers.get(HOST) {
            request = request.header(HOST, host);
        }
        let request =
            request.body(Bytes::from(event.event)).map_err(|error| bad(error.to_string()))?;
        let passed = self.pass(request).await?;
        let has_failed = passed.headers.contains_key("x-amz-function-error");
        let mut described = passed.describe();
        if let Some(members) = described.as_object_mut() {
            let is_refused = passed.status != StatusCode::OK;
            members.insert("error".to_owned(), (is_refused || has_failed).into());
        }
        Ok(json(&described))
    }

    /// Responds to a request within this process.
    async fn pass(&self, request: Request<Bytes>) -> Result<PassedRequest, Failure> {
        let (head, body) = request.into_parts();
        let started = Instant::now();
        // On the heap, because the future of a request contains the future of this one.
        let body = Either::Right(Full::new(body));
        let (response, id) = Box::pin(self.server.answer(head, body, self.ends)).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| internal(error.to_string()))?.to_bytes();
        let (status, headers) = (head.status, head.headers);
        Ok(PassedRequest { id, status, headers, body, took: started.elapsed() })
    }

    /// Saves the event of an invocation in the project.
    fn save(&self, saved: &SavedEvent) -> Result<HttpResponse, Failure> {
        let invocation = self.console.history.get(&saved.id);
        let invocation = invocation.ok_or_else(|| missing("this invocation is no longer kept"))?;
        let (function, event) = invocation.event().ok_or_else(|| missing("it has no event"))?;
        let function = function.as_deref();
        let deployment = self.deployment();
        let path = events::save(self.console, deployment.as_deref(), function, &saved.name, &event)
            .map_err(|reason| (StatusCode::CONFLICT, reason))?;
        // The list of saved events has changed.
        self.server.current.announce();
        Ok(json(&json!({ "path": path })))
    }

    fn deployment(&self) -> Option<Arc<Deployment>> {
        self.server.current.get()
    }
}

/// Reads JSON that the page has sent.
async fn parse<T: DeserializeOwned>(head: &Parts, body: RequestBody) -> Result<T, Failure> {
    // A page of another site can send this type only after asking, which is refused.
    if head.headers.get(CONTENT_TYPE).is_none_or(|value| value != "application/json") {
        return Err(bad("expected `application/json`".to_owned()));
    }
    let body =
        read(body, MAX_REQUEST).await.map_err(|_| bad("the request is too large".to_owned()))?;
    serde_json::from_slice(&body).map_err(|error| bad(error.to_string()))
}

fn json(value: &Value) -> HttpResponse {
    let mut response = plain(StatusCode::OK, value.to_string());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

fn redirect() -> HttpResponse {
    let mut response = plain(StatusCode::PERMANENT_REDIRECT, "");
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(PATH));
    response
}

fn not_found() -> HttpResponse {
    plain(StatusCode::NOT_FOUND, "the console has no such page\n")
}

fn missing(reason: &str) -> Failure {
    (StatusCode::NOT_FOUND, reason.to_owned())
}

fn bad(reason: String) -> Failure {
    (StatusCode::BAD_REQUEST, reason)
}

fn internal(reason: String) -> Failure {
    (StatusCode::INTERNAL_SERVER_ERROR, reason)
}
