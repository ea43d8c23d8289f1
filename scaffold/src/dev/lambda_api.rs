//! Lambda's own API, as far as invoking goes: for the AWS CLI and the SDKs.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;

use super::event_stream;
use super::server::{Response, TooLarge, read};
use super::version::Version;
use crate::application::region;
use crate::emulator::{self, Event, Failure, Log, MAX_EVENT, Part, Pool};

/// The largest event that Lambda takes to keep for later, in bytes.
const MAX_KEPT_EVENT: usize = 1024 * 1024;

/// One call of the API.
#[derive(Debug)]
pub(super) struct Call {
    function: String,
    streams: bool,
}

/// Why Lambda does not invoke: status, type, message.
struct Refusal(StatusCode, &'static str, String);

impl Call {
    /// The call that a request is, if it is one.
    pub(super) fn find(head: &Parts) -> Option<Self> {
        let path = head.uri.path();
        let (path, streams) = match path.strip_prefix("/2015-03-31/functions/") {
            Some(path) => (path.strip_suffix("/invocations")?, false),
            None => {
                let path = path.strip_prefix("/2021-11-15/functions/")?;
                (path.strip_suffix("/response-streaming-invocations")?, true)
            }
        };
        let function = percent_decode_str(path).decode_utf8().ok()?.into_owned();
        (head.method == Method::POST).then_some(Self { function, streams })
    }

    pub(super) async fn answer(
        self,
        version: &Version,
        head: &Parts,
        body: Incoming,
        log: &Arc<Log>,
    ) -> Response {
        let response = self.try_answer(version, head, body).await.unwrap_or_else(refuse);
        log.line(format_args!("Invoke {} {}", self.function, response.status().as_u16()));
        response
    }

    async fn try_answer(
        &self,
        version: &Version,
        head: &Parts,
        body: Incoming,
    ) -> Result<Response, Refusal> {
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let pool = version.named(&self.function).ok_or_else(|| {
            let region = region();
            let arn = format!("arn:aws:lambda:{region}:012345678912:function:{}", self.function);
            let message = format!("Function not found: {arn}");
            Refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
        })?;
        let payload = match read(body, MAX_EVENT).await {
            Ok(payload) => payload,
            Err(TooLarge(true)) => return Err(too_large()),
            Err(TooLarge(false)) => return Err(not_json("the request broke off")),
        };
        // No payload is an event too.
        let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
        serde_json::from_slice::<IgnoredAny>(&payload).map_err(not_json)?;
        let mut event = Event::new(payload);
        event.client_context = header("x-amz-client-context").map(client_context).transpose()?;

        match header("x-amz-invocation-type").unwrap_or("RequestResponse") {
            "RequestResponse" if self.streams => {
                event.streams = true;
                Ok(stream(pool, event).await)
            }
            "RequestResponse" => {
                Ok(invoke(pool, event, header("x-amz-log-type") == Some("Tail")).await)
            }
            "Event" if !self.streams => {
                let size = event.payload.len();
                if size > MAX_KEPT_EVENT {
                    let message = format!(
                        "{size} byte payload is too large for the Event invocation type (limit \
                         {MAX_KEPT_EVENT} bytes)"
                    );
                    return Err(Refusal(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        "RequestTooLargeException",
                        message,
                    ));
                }
                let id = event.request_id.clone();
                let pool = Arc::clone(pool);
                tokio::spawn(async move { pool.invoke(event).await });
                Ok(response(StatusCode::ACCEPTED, &id, Bytes::new()))
            }
            "DryRun" => Ok(response(StatusCode::NO_CONTENT, &event.request_id, Bytes::new())),
            other => Err(Refusal(
                StatusCode::BAD_REQUEST,
                "InvalidParameterValueException",
                format!(
                    "Value '{other}' at 'invocationType' failed to satisfy constraint: Member must \
                     satisfy enum value set: [Event, RequestResponse, DryRun]"
                ),
            )),
        }
    }
}

async fn invoke(pool: &Arc<Pool>, event: Event, with_log: bool) -> Response {
    let id = event.request_id.clone();
    let invoked = pool.invoke(event).await;
    let (payload, failed) = match invoked.result {
        Ok(emulator::Response::Whole(payload)) => (payload, false),
        // It was not asked for.
        Ok(emulator::Response::Stream(_)) => (Bytes::new(), true),
        Err(failure) => (failure.payload(&id), true),
    };
    let mut response = response(StatusCode::OK, &id, payload);
    let headers = response.headers_mut();
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if failed {
        headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    if with_log {
        let log = STANDARD.encode(invoked.log.await.unwrap_or_default());
        if let Ok(log) = HeaderValue::try_from(log) {
            headers.insert("x-amz-log-result", log);
        }
    }
    response
}

/// Answers with the parts as they come, each in a message of its own.
async fn stream(pool: &Arc<Pool>, event: Event) -> Response {
    let id = event.request_id.clone();
    let result = pool.invoke(event).await.result;
    let (mut sender, channel) = Channel::new(1);
    let request_id = id.clone();
    tokio::spawn(async move {
        let failed = |failure: &Failure| {
            let details = failure.payload(&request_id);
            event_stream::complete(Some((failure.error_type(), &String::from_utf8_lossy(&details))))
        };
        let end = match result {
            Ok(emulator::Response::Whole(payload)) => {
                // A client that goes away leaves nobody to tell.
                let _ = sender.send_data(event_stream::chunk(&payload)).await;
                event_stream::complete(None)
            }
            Ok(emulator::Response::Stream(mut stream)) => loop {
                match stream.parts.recv().await {
                    Some(Part::Data(part)) => {
                        let _ = sender.send_data(event_stream::chunk(&part)).await;
                    }
                    Some(Part::End(Ok(()))) => break event_stream::complete(None),
                    Some(Part::End(Err(failure))) => break failed(&failure),
                    None => {
                        let error = ("Runtime.TruncatedResponse", "the function broke off");
                        break event_stream::complete(Some(error));
                    }
                }
            },
            Err(failure) => failed(&failure),
        };
        let _ = sender.send_data(end).await;
    });
    let mut response = Response::new(Either::Right(channel));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(event_stream::CONTENT_TYPE));
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

fn client_context(value: &str) -> Result<String, Refusal> {
    let json = STANDARD.decode(value).ok().and_then(|json| String::from_utf8(json).ok());
    json.filter(|json| serde_json::from_str::<IgnoredAny>(json).is_ok())
        // It becomes a header.
        .map(|json| json.replace(['\r', '\n'], " "))
        .ok_or_else(|| {
            let message = "Client context must be a valid Base64-encoded JSON object.";
            Refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message.to_owned())
        })
}

fn not_json(error: impl std::fmt::Display) -> Refusal {
    let message = format!("Could not parse request body into json: {error}");
    Refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message)
}

fn too_large() -> Refusal {
    let message =
        format!("Request must be smaller than {MAX_EVENT} bytes for the InvokeFunction operation");
    Refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message)
}

fn refuse(refusal: Refusal) -> Response {
    let Refusal(status, error_type, message) = refusal;
    let body = serde_json::json!({ "Type": "User", "Message": message }).to_string();
    let id = uuid::Uuid::new_v4().to_string();
    let mut response = response(status, &id, body.into());
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(error_type));
    response
}

fn response(status: StatusCode, id: &str, body: Bytes) -> Response {
    let mut response = Response::new(Either::Left(Full::new(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
