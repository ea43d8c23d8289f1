//! Lambda's Invoke API, for the AWS CLI and the SDKs.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;
use tokio::sync::oneshot;

use super::answer::{Answer, Exchange};
use super::body::{HttpResponse, ReadError, RequestBody, read};
use super::deployment::Deployment;
use super::event_stream;
use crate::aws;
use crate::aws::MAX_PAYLOAD;
use crate::local::lambda::{
    FunctionError, FunctionResponse, Invocation, Invoked, PendingLine, Pool, StreamPart,
};

/// The largest event of an asynchronous invocation, in bytes.
const MAX_ASYNC_PAYLOAD: usize = 1024 * 1024;

/// What the log calls a client of the API.
pub(super) const SOURCE: &str = "Invoke";

/// The part of an invocation's log that the API returns, in bytes.
const LOG_RESULT: usize = 4 * 1024;

/// The largest client context, in base64 ("Invoke" in AWS's API reference of Lambda).
const MAX_CLIENT_CONTEXT: usize = 3583;

/// A request of the API.
#[derive(Debug)]
pub(super) struct InvokeRequest {
    function: String,
    /// The operation is `InvokeWithResponseStream`.
    accepts_stream: bool,
}

/// An error that Lambda returns without invoking the function: status, type, message.
struct InvokeError(StatusCode, &'static str, String);

impl InvokeRequest {
    /// Parses the head of a request; `None` if it is not one of this API.
    pub(super) fn parse(head: &Parts) -> Option<Self> {
        let path = head.uri.path();
        let (path, accepts_stream) = match path.strip_prefix("/2015-03-31/functions/") {
            Some(path) => (path.strip_suffix("/invocations")?, false),
            None => {
                let path = path.strip_prefix("/2021-11-15/functions/")?;
                (path.strip_suffix("/response-streaming-invocations")?, true)
            }
        };
        let function = percent_decode_str(path).decode_utf8().ok()?.into_owned();
        (head.method == Method::POST).then_some(Self { function, accepts_stream })
    }

    pub(super) async fn answer(
        self,
        deployment: &Deployment,
        head: &Parts,
        body: RequestBody,
        line: &PendingLine,
    ) -> Answer {
        let answer = self.try_answer(deployment, head, body, line).await.unwrap_or_else(|error| {
            let InvokeError(_, error_type, message) = &error;
            let reason = format!("{error_type}: {message}");
            Answer::own(error_response(error), reason)
        });
        Answer { source: Some(SOURCE.to_owned()), function: Some(self.function.into()), ..answer }
    }

    async fn try_answer(
        &self,
        deployment: &Deployment,
        head: &Parts,
        body: RequestBody,
        line: &PendingLine,
    ) -> Result<Answer, InvokeError> {
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let pool = deployment.named(&self.function).ok_or_else(|| {
            let message = format!("Function not found: {}", aws::function_arn(&self.function));
            InvokeError(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
        })?;
        let payload = match read(body, MAX_PAYLOAD).await {
            Ok(payload) => payload,
            Err(ReadError::TooLarge) => return Err(too_large()),
            Err(ReadError::TooSlow) => return Err(not_json("the body did not arrive in time")),
            Err(ReadError::Closed) => return Err(not_json("the request was cut off")),
        };
        // Lambda accepts an invocation without a payload.
        let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
        serde_json::from_slice::<IgnoredAny>(&payload).map_err(not_json)?;
        let mut invocation = Invocation::new(payload, None);
        invocation.below = Some(line.below());
        invocation.client_context =
            header("x-amz-client-context").map(client_context).transpose()?;

        match header("x-amz-invocation-type").unwrap_or("RequestResponse") {
            "RequestResponse" if self.accepts_stream => {
                invocation.accepts_stream = true;
                Ok(stream(pool, invocation).await)
            }
            "RequestResponse" => {
                Ok(invoke(pool, invocation, header("x-amz-log-type") == Some("Tail")).await)
            }
            "Event" if !self.accepts_stream => {
                let size = invocation.payload.len();
                if size > MAX_ASYNC_PAYLOAD {
                    let message = format!(
                        "{size} byte payload is too large for the Event invocation type (limit \
                         {MAX_ASYNC_PAYLOAD} bytes)"
                    );
                    return Err(InvokeError(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        "RequestTooLargeException",
                        message,
                    ));
                }
                let id = invocation.request_id.clone();
                let pool = Arc::clone(pool);
                tokio::spawn(async move {
                    if let Some(reason) = pool.invoke(invocation).await.reason {
                        pool.note(format_args!("asynchronous invocation failed: {reason}"));
                    }
                });
                Ok(Answer::of(response(StatusCode::ACCEPTED, &id, Bytes::new())))
            }
            "DryRun" => Ok(Answer::of(response(
                StatusCode::NO_CONTENT,
                &invocation.request_id,
                Bytes::new(),
            ))),
            other => Err(InvokeError(
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

async fn invoke(pool: &Arc<Pool>, invocation: Invocation, with_log: bool) -> Answer {
    let id = invocation.request_id.clone();
    let event = invocation.payload.clone();
    let Invoked { result, is_cold, reason, mut details } = pool.invoke(invocation).await;
    let (payload, failed) = match result {
        Ok(FunctionResponse::Buffered(payload)) => (payload, false),
        // The invocation does not accept one.
        Ok(FunctionResponse::Streamed(_)) => (Bytes::new(), true),
        Err(error) => (error.payload(&id), true),
    };
    let mut response = response(StatusCode::OK, &id, payload.clone());
    let headers = response.headers_mut();
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if failed {
        headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    if with_log {
        let over = details.await.unwrap_or_default();
        let tail = over.log.get(over.log.len().saturating_sub(LOG_RESULT)..).unwrap_or_default();
        if let Ok(log) = HeaderValue::try_from(STANDARD.encode(tail)) {
            headers.insert("x-amz-log-result", log);
        }
        let sender;
        (sender, details) = oneshot::channel();
        // The receiver is still there.
        let _ = sender.send(over);
    }
    let exchange = Exchange {
        id: Some(id),
        event: Some(event),
        answer: Some(payload),
        details: Some(details),
        ..Exchange::default()
    };
    Answer { is_cold, reason, exchange, ..Answer::of(response) }
}

/// Responds with the parts as they arrive, each in its own message.
async fn stream(pool: &Arc<Pool>, invocation: Invocation) -> Answer {
    let id = invocation.request_id.clone();
    let event = invocation.payload.clone();
    let Invoked { result, is_cold, reason, details } = pool.invoke(invocation).await;
    let exchange = Exchange {
        id: Some(id.clone()),
        event: Some(event),
        details: Some(details),
        ..Exchange::default()
    };
    let (mut sender, channel) = Channel::new(1);
    let request_id = id.clone();
    tokio::spawn(async move {
        let failed = |error: &FunctionError| {
            let details = error.payload(&request_id);
            event_stream::complete(Some((error.error_type(), &String::from_utf8_lossy(&details))))
        };
        let end = match result {
            Ok(FunctionResponse::Buffered(payload)) => {
                // Sending fails if the client is gone.
                let _ = sender.send_data(event_stream::chunk(&payload)).await;
                event_stream::complete(None)
            }
            Ok(FunctionResponse::Streamed(mut stream)) => loop {
                match stream.parts.recv().await {
                    Some(StreamPart::Data(part)) => {
                        let _ = sender.send_data(event_stream::chunk(&part)).await;
                    }
                    Some(StreamPart::End(Ok(()))) => break event_stream::complete(None),
                    Some(StreamPart::End(Err(error))) => break failed(&error),
                    None => {
                        let error =
                            ("Runtime.TruncatedResponse", "the function cut off its response");
                        break event_stream::complete(Some(error));
                    }
                }
            },
            Err(error) => failed(&error),
        };
        let _ = sender.send_data(end).await;
    });
    let mut response = HttpResponse::new(Either::Right(channel));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(event_stream::CONTENT_TYPE));
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-amzn-requestid", id);
    }
    Answer { is_cold, reason, exchange, ..Answer::of(response) }
}

fn client_context(value: &str) -> Result<String, InvokeError> {
    let size = value.len();
    if size > MAX_CLIENT_CONTEXT {
        let message = format!(
            "{size} byte client context is too large (limit {MAX_CLIENT_CONTEXT} bytes in base64)"
        );
        return Err(InvokeError(
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            message,
        ));
    }
    let json = STANDARD.decode(value).ok().and_then(|json| String::from_utf8(json).ok());
    json.filter(|json| serde_json::from_str::<IgnoredAny>(json).is_ok())
        // It is passed to the function in a header.
        .map(|json| json.replace(['\r', '\n'], " "))
        .ok_or_else(|| {
            let message = "Client context must be a valid Base64-encoded JSON object.";
            InvokeError(
                StatusCode::BAD_REQUEST,
                "InvalidRequestContentException",
                message.to_owned(),
            )
        })
}

fn not_json(error: impl std::fmt::Display) -> InvokeError {
    let message = format!("Could not parse request body into json: {error}");
    InvokeError(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message)
}

fn too_large() -> InvokeError {
    let message = format!(
        "Request must be smaller than {MAX_PAYLOAD} bytes for the InvokeFunction operation"
    );
    InvokeError(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message)
}

/// Responds to a request that must not reach a function.
pub(super) fn refusal(status: StatusCode, reason: String) -> HttpResponse {
    error_response(InvokeError(status, "AccessDeniedException", reason))
}

fn error_response(error: InvokeError) -> HttpResponse {
    let InvokeError(status, error_type, message) = error;
    let body = serde_json::json!({ "Type": "User", "Message": message }).to_string();
    let id = uuid::Uuid::new_v4().to_string();
    let mut response = response(status, &id, body.into());
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(error_type));
    response
}

fn response(status: StatusCode, id: &str, body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::new(Either::Left(Full::new(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
