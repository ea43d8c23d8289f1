//! What a client gets where the function gave no response.

use http::{HeaderName, HeaderValue, StatusCode, header};

use super::router::short_id;
use super::{Response, Route, cors};
use crate::application::Kind;

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The function failed, exited, took longer than its own timeout, or gave what is no response or
    /// too large.
    Function,
    /// The gateway waited no longer.
    TimedOut,
    /// The request is larger than Lambda takes.
    RequestTooLarge,
    /// The request lacks what tells who the caller is, or its authorizer does not know them.
    Unauthorized,
    /// The authorizer says that the caller may not do this; in so many words, or by not allowing it.
    Denied { explicitly: bool },
    /// The authorizer failed, or gave what is no answer.
    Authorizer,
}

/// The answer in its place.
pub(crate) fn failure(route: &Route, failure: Failure) -> Response {
    let (status, message, error_type) = match (route.api.kind, failure) {
        (Kind::Http, Failure::Function | Failure::Authorizer) => {
            (500, "Internal Server Error", None)
        }
        (Kind::Http, Failure::RequestTooLarge) => (413, "Request Entity Too Large", None),
        (Kind::Http, Failure::TimedOut) => (503, "Service Unavailable", None),
        (Kind::Rest, Failure::Function) => {
            (502, "Internal server error", Some("InternalServerErrorException"))
        }
        (Kind::Rest, Failure::TimedOut) => {
            (504, "Endpoint request timed out", Some("InternalServerErrorException"))
        }
        // No function is asked who may call a URL.
        (Kind::Http | Kind::FunctionUrl { .. }, Failure::Unauthorized) => {
            (401, "Unauthorized", None)
        }
        (Kind::Http | Kind::FunctionUrl { .. }, Failure::Denied { .. }) => (403, "Forbidden", None),
        (Kind::Rest, Failure::Unauthorized) => (401, "Unauthorized", Some("UnauthorizedException")),
        (Kind::Rest, Failure::Denied { explicitly }) => {
            const DENIED: &str = "User is not authorized to access this resource";
            const EXPLICITLY: &str =
                "User is not authorized to access this resource with an explicit deny";
            (403, if explicitly { EXPLICITLY } else { DENIED }, Some("AccessDeniedException"))
        }
        (Kind::Rest, Failure::Authorizer) => (500, "", Some("AuthorizerConfigurationException")),
        (Kind::Rest, Failure::RequestTooLarge) => {
            (413, "Request Too Long", Some("RequestTooLargeException"))
        }
        // It waits as long as the function may take.
        (Kind::FunctionUrl { .. }, Failure::Function | Failure::TimedOut | Failure::Authorizer) => {
            (502, "Internal Server Error", None)
        }
        (Kind::FunctionUrl { .. }, Failure::RequestTooLarge) => (
            413,
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
            None,
        ),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match route.api.kind {
        // Its only message that is no JSON.
        Kind::FunctionUrl { .. } if failure != Failure::RequestTooLarge => {
            bare(status, message.to_owned())
        }
        Kind::FunctionUrl { .. } => bare(status, format!(r#"{{"Message":"{message}"}}"#)),
        Kind::Rest if failure == Failure::Authorizer => {
            bare(status, r#"{"message":null}"#.to_owned())
        }
        Kind::Rest => bare(status, format!(r#"{{"message": "{message}"}}"#)),
        Kind::Http => bare(status, format!(r#"{{"message":"{message}"}}"#)),
    };
    if let Some(error_type) = error_type {
        response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(error_type));
    }
    finish(route, &mut response);
    response
}

/// Adds what the gateway itself adds to each response.
pub(super) fn finish(route: &Route, response: &mut Response) {
    let headers = response.headers_mut();
    let mut add = |name, value: &str| {
        // An id that the client chose may be no header: then it has none.
        HeaderValue::from_str(value).map(|value| headers.insert(name, value)).ok();
    };
    match route.api.kind {
        Kind::Http => add(APIGW_REQUEST_ID, &route.ids.request),
        Kind::Rest => {
            add(REQUEST_ID, &route.ids.request);
            add(APIGW_ID, &route.ids.extended);
            add(TRACE_ID, &route.ids.trace);
        }
        Kind::FunctionUrl { .. } => {
            add(REQUEST_ID, &route.ids.request);
            add(TRACE_ID, &route.ids.trace);
        }
    }
    if route.api.kind != Kind::Rest {
        cors::apply(&route.api, route.origin.as_ref(), headers);
    }
}

/// An HTTP API has no such route.
pub(super) fn no_route() -> Response {
    let mut response = bare(StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#.to_owned());
    if let Ok(id) = HeaderValue::from_str(&short_id()) {
        response.headers_mut().insert(APIGW_REQUEST_ID, id);
    }
    response
}

/// A REST API has no such path, or not that method for it.
pub(super) fn no_method() -> Response {
    let message = r#"{"message":"Missing Authentication Token"}"#;
    let mut response = bare(StatusCode::FORBIDDEN, message.to_owned());
    let error_type = HeaderValue::from_static("MissingAuthenticationTokenException");
    response.headers_mut().insert(ERROR_TYPE, error_type);
    response
}

fn bare(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

const APIGW_REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");
const APIGW_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
