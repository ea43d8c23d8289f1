//! The responses of the Runtime API.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use crate::local::access::Refusal;
use crate::local::lambda::function_error::error_body;
use crate::local::lambda::invocation::PendingInvocation;

/// The response of `next`.
pub(super) fn event(pending: &PendingInvocation) -> Response<Full<Bytes>> {
    let PendingInvocation { invocation, function_arn, .. } = pending;
    let mut response = Response::builder();
    if let Some(client_context) = &invocation.client_context {
        response = response.header("Lambda-Runtime-Client-Context", client_context);
    }
    if let Some(tenant_id) = &invocation.tenant_id {
        response = response.header("Lambda-Runtime-Aws-Tenant-Id", tenant_id);
    }
    response
        .header(CONTENT_TYPE, "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", &invocation.request_id)
        .header("Lambda-Runtime-Deadline-Ms", pending.deadline_ms().to_string())
        .header("Lambda-Runtime-Invoked-Function-Arn", function_arn)
        .header("Lambda-Runtime-Trace-Id", &invocation.trace_id)
        .body(Full::new(invocation.payload.clone()))
        // For example, if `AWS_REGION` contains a line break.
        .unwrap_or_else(|failure| {
            error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", &failure.to_string())
        })
}

pub(super) fn accepted() -> Response<Full<Bytes>> {
    json(StatusCode::ACCEPTED, "{\"status\":\"OK\"}\n".to_owned())
}

pub(super) fn not_found() -> Response<Full<Bytes>> {
    text(StatusCode::NOT_FOUND, "404 page not found\n")
}

pub(super) fn invalid_request_id() -> Response<Full<Bytes>> {
    error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
}

/// The response to a result that arrives after the timeout of its invocation.
pub(super) fn expired() -> Response<Full<Bytes>> {
    error(StatusCode::GONE, "InvocationExpired", "The invocation has timed out")
}

pub(super) fn truncated() -> Response<Full<Bytes>> {
    error(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated")
}

pub(super) fn too_large(limit: usize) -> Response<Full<Bytes>> {
    error(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        &format!("Exceeded maximum allowed payload size ({limit} bytes)."),
    )
}

/// The response to a request that comes from a web page.
pub(super) fn refused(refusal: &Refusal) -> Response<Full<Bytes>> {
    error(refusal.status, "AccessDenied", &refusal.reason)
}

/// The response to a subscription to the `api` of logs or telemetry, which are not sent. It is that of
/// Lambda's Runtime Interface Emulator: extensions go on without them.
pub(super) fn not_supported(api: &str) -> Response<Full<Bytes>> {
    let message = format!("{api} API is not supported");
    error(StatusCode::ACCEPTED, &format!("{api}.NotSupported"), &message)
}

/// The response to a request that is not allowed in the phase `from`.
pub(super) fn forbidden(from: &str, to: &str) -> Response<Full<Bytes>> {
    error(
        StatusCode::FORBIDDEN,
        "InvalidStateTransition",
        &format!(
            "State transition from {from} to {to} failed for runtime. \
             Error: State transition is not allowed"
        ),
    )
}

pub(super) fn error(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    json(status, error_body(error_type, message) + "\n")
}

pub(super) fn json(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) fn text(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}
