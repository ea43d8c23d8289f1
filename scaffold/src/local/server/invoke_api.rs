//! Lambda's Invoke API, for the AWS CLI and the SDKs.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Either;
use http_body_util::channel::Channel;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;
use tokio::sync::oneshot;

use super::answer::Answer;
use super::body::{HttpResponse, ReadError, RequestBody, read};
use super::deployment::Deployment;
use super::event_stream;
use super::service_error::{ServiceError, json_response};
use crate::aws;
use crate::aws::{MAX_ASYNC_PAYLOAD, MAX_PAYLOAD};
use crate::local::console::{Outcome, Recording, StreamEnd};
use crate::local::durable::{
    AlreadyStarted, BegunInvocation, Executions, OnOver, SYNCHRONOUS, is_execution_name,
};
use crate::local::lambda::{
    FunctionError, FunctionResponse, Invocation, InvocationDetails, Invoked, NO_TENANT,
    PendingLine, Pool, StreamPart,
};

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
        executions: &Arc<Executions>,
        head: &Parts,
        body: RequestBody,
        line: &PendingLine,
        recording: &mut Recording,
    ) -> Answer {
        let function: Arc<str> = self.function.as_str().into();
        recording.function = Some(Arc::clone(&function));
        let answer = self.try_answer(deployment, executions, head, body, line, recording).await;
        let answer = answer.unwrap_or_else(|error| {
            let reason = error.reason();
            Answer::own(error.response(), reason)
        });
        Answer { source: Some(SOURCE), function: Some(function), ..answer }
    }

    async fn try_answer(
        &self,
        deployment: &Deployment,
        executions: &Arc<Executions>,
        head: &Parts,
        body: RequestBody,
        line: &PendingLine,
        recording: &mut Recording,
    ) -> Result<Answer, ServiceError> {
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let pool = deployment.named(&self.function).ok_or_else(|| {
            let message = format!("Function not found: {}", aws::function_arn(&self.function));
            ServiceError::not_found(message)
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
        invocation.tenant_id = tenant_id(header("x-amz-tenant-id"), pool)?;

        let name = execution_name(header("x-amz-durable-execution-name"), pool)?;
        let start = |invocation, on_over: OnOver| {
            executions.begin(pool, invocation, name, on_over).map_err(already_started)
        };
        let invocation_type = header("x-amz-invocation-type").unwrap_or("RequestResponse");
        if invocation_type == "RequestResponse" {
            executions.warn_if_too_long(pool);
        }
        match invocation_type {
            "RequestResponse" if self.accepts_stream => {
                invocation.accepts_stream = true;
                stream(start, invocation, recording).await
            }
            "RequestResponse" => {
                let with_log = header("x-amz-log-type") == Some("Tail");
                invoke(start, invocation, with_log, recording).await
            }
            "Event" if !self.accepts_stream => {
                let size = invocation.payload.len();
                if size > MAX_ASYNC_PAYLOAD {
                    let message = format!(
                        "{size} byte payload is too large for the Event invocation type (limit \
                         {MAX_ASYNC_PAYLOAD} bytes)"
                    );
                    return Err(ServiceError(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        "RequestTooLargeException",
                        message,
                    ));
                }
                let id = invocation.request_id.clone();
                let payload = invocation.payload.clone();
                recording.begin_event(SOURCE, &id, &payload);
                let begun = start(invocation, Box::new(recording.on_over()))?;
                let mut response = json_response(StatusCode::ACCEPTED, &id, Bytes::new());
                add_arn(&mut response, begun.arn());
                let pool = Arc::clone(pool);
                tokio::spawn(run(pool, begun, id, recording.detach()));
                Ok(Answer::of(response))
            }
            "DryRun" => Ok(Answer::of(json_response(
                StatusCode::NO_CONTENT,
                &invocation.request_id,
                Bytes::new(),
            ))),
            other => Err(ServiceError::invalid_parameter(format!(
                "Value '{other}' at 'invocationType' failed to satisfy constraint: Member must \
                 satisfy enum value set: [Event, RequestResponse, DryRun]"
            ))),
        }
    }
}

/// Waits for the end of an asynchronous invocation.
async fn run(pool: Arc<Pool>, begun: BegunInvocation, id: String, mut recording: Recording) {
    // The log of an execution says how it ends.
    let is_durable = begun.arn().is_some();
    let Invoked { result, is_cold, reason } = begun.end(None).await;
    if let Some(reason) = reason.as_ref().filter(|_| !is_durable) {
        pool.note(format_args!("asynchronous invocation failed: {reason}"));
    }
    recording.answer = answer(&result, &id);
    let status = Some(StatusCode::ACCEPTED.as_u16());
    let duration = recording.started().elapsed();
    recording.end_event(SOURCE, Outcome { status, duration, is_cold, reason });
}

/// Returns the response or the error of a function, unless it streams.
fn answer(result: &Result<FunctionResponse, FunctionError>, id: &str) -> Option<Bytes> {
    match result {
        Ok(FunctionResponse::Buffered(payload)) => Some(payload.clone()),
        Ok(FunctionResponse::Streamed(_)) => None,
        Err(error) => Some(error.payload(id)),
    }
}

async fn invoke(
    start: impl FnOnce(Invocation, OnOver) -> Result<BegunInvocation, ServiceError>,
    invocation: Invocation,
    with_log: bool,
    recording: &mut Recording,
) -> Result<Answer, ServiceError> {
    let id = invocation.request_id.clone();
    recording.begin_event(SOURCE, &id, &invocation.payload);
    let record = recording.on_over();
    let (sender, tail) = oneshot::channel();
    let sender = with_log.then_some(sender);
    let on_over = move |details: InvocationDetails| {
        if let Some(sender) = sender {
            let log = &details.log;
            let tail = log.get(log.len().saturating_sub(LOG_RESULT)..).unwrap_or_default();
            // Sending fails if the client is gone.
            let _ = sender.send(STANDARD.encode(tail));
        }
        record(details);
    };
    let begun = start(invocation, Box::new(on_over))?;
    let arn = begun.arn();
    let Invoked { result, is_cold, reason } = begun.end(Some(SYNCHRONOUS)).await;
    let (payload, failed) = match result {
        Ok(FunctionResponse::Buffered(payload)) => (payload, false),
        // The invocation does not accept one.
        Ok(FunctionResponse::Streamed(_)) => (Bytes::new(), true),
        Err(error) => (error.payload(&id), true),
    };
    let mut response = json_response(StatusCode::OK, &id, payload.clone());
    add_arn(&mut response, arn);
    let headers = response.headers_mut();
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if failed {
        headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    if with_log && let Ok(log) = HeaderValue::try_from(tail.await.unwrap_or_default()) {
        headers.insert("x-amz-log-result", log);
    }
    recording.answer = Some(payload);
    Ok(Answer { is_cold, reason, ..Answer::of(response) })
}

/// Tells the client the ARN of the execution, if the function is durable.
fn add_arn(response: &mut HttpResponse, arn: Option<String>) {
    if let Some(arn) = arn.and_then(|arn| HeaderValue::try_from(arn).ok()) {
        response.headers_mut().insert("x-amz-durable-execution-arn", arn);
    }
}

/// Responds with the parts as they arrive, each in its own message.
async fn stream(
    start: impl FnOnce(Invocation, OnOver) -> Result<BegunInvocation, ServiceError>,
    invocation: Invocation,
    recording: &mut Recording,
) -> Result<Answer, ServiceError> {
    let id = invocation.request_id.clone();
    recording.begin_event(SOURCE, &id, &invocation.payload);
    let begun = start(invocation, Box::new(recording.on_over()))?;
    let Invoked { result, is_cold, reason } = begun.end(Some(SYNCHRONOUS)).await;
    recording.answer = answer(&result, &id);
    let is_streamed = matches!(result, Ok(FunctionResponse::Streamed(_)));
    let streamed = is_streamed.then(|| recording.stream(None));
    let (mut sender, channel) = Channel::new(1);
    let request_id = id.clone();
    tokio::spawn(async move {
        let mut is_open = true;
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
                        if let Some(recording) = &streamed {
                            recording.add(&part);
                        }
                        is_open = sender.send_data(event_stream::chunk(&part)).await.is_ok();
                    }
                    Some(StreamPart::End(Ok(()))) => {
                        if let Some(recording) = streamed {
                            recording.end(StreamEnd::of_complete(is_open));
                        }
                        break event_stream::complete(None);
                    }
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
    Ok(Answer { is_cold, reason, ..Answer::of(response) })
}

/// Checks the tenant of a request. A function that isolates its tenants needs one, and others refuse it
/// ("Troubleshooting tenant isolation for Lambda functions" in AWS's documentation).
fn tenant_id(value: Option<&str>, pool: &Pool) -> Result<Option<String>, ServiceError> {
    match value {
        None if pool.function.isolates_tenants => Err(ServiceError::invalid_parameter(NO_TENANT)),
        None => Ok(None),
        Some(tenant) if !aws::is_tenant_id(tenant) => {
            let message = format!(
                "1 validation error detected: Value '{tenant}' at 'tenantId' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: \
                 [a-zA-Z0-9\\._:\\/=+\\-@ ]+, with 1 to 256 characters"
            );
            Err(ServiceError(StatusCode::BAD_REQUEST, "ValidationException", message))
        }
        Some(_) if !pool.function.isolates_tenants => {
            let message = "The invoked function is not enabled with tenancy configuration. Remove the tenant \
                           ID from your request and try again.";
            Err(ServiceError::invalid_parameter(message))
        }
        Some(tenant) => Ok(Some(tenant.to_owned())),
    }
}

/// Checks the name of an execution (`DurableExecutionName` in
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).
fn execution_name<'a>(name: Option<&'a str>, pool: &Pool) -> Result<Option<&'a str>, ServiceError> {
    let Some(name) = name else { return Ok(None) };
    if !is_execution_name(name) {
        let message = format!(
            "1 validation error detected: Value '{name}' at 'durableExecutionName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+, with 1 to 64 \
             characters"
        );
        return Err(ServiceError(StatusCode::BAD_REQUEST, "ValidationException", message));
    }
    if pool.function.durable.is_none() {
        let message =
            "The invoked function is not durable, so its invocations have no execution name.";
        return Err(ServiceError::invalid_parameter(message));
    }
    Ok(Some(name))
}

fn already_started(_: AlreadyStarted) -> ServiceError {
    let message = "An execution of this name has already been started with another event.";
    let error_type = "DurableExecutionAlreadyStartedException";
    ServiceError(StatusCode::CONFLICT, error_type, message.to_owned())
}

fn client_context(value: &str) -> Result<String, ServiceError> {
    let size = value.len();
    if size > MAX_CLIENT_CONTEXT {
        let message = format!(
            "{size} byte client context is too large (limit {MAX_CLIENT_CONTEXT} bytes in base64)"
        );
        return Err(ServiceError(
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
            ServiceError(
                StatusCode::BAD_REQUEST,
                "InvalidRequestContentException",
                message.to_owned(),
            )
        })
}

fn not_json(error: impl std::fmt::Display) -> ServiceError {
    let message = format!("Could not parse request body into json: {error}");
    ServiceError(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message)
}

fn too_large() -> ServiceError {
    let message = format!(
        "Request must be smaller than {MAX_PAYLOAD} bytes for the InvokeFunction operation"
    );
    ServiceError(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message)
}

/// Responds to a request that must not reach a function.
pub(super) fn refusal(status: StatusCode, reason: String) -> HttpResponse {
    ServiceError(status, "AccessDeniedException", reason).response()
}
