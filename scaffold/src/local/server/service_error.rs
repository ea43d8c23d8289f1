//! Errors of Lambda's API.

use http_body_util::{Either, Full};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use super::body::HttpResponse;

/// An error that Lambda returns: status, type, message.
#[derive(Debug)]
pub(super) struct ServiceError(pub(super) StatusCode, pub(super) &'static str, pub(super) String);

impl ServiceError {
    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, INVALID_PARAMETER, message.into())
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, "ResourceNotFoundException", message.into())
    }

    /// The type and the message.
    pub(super) fn reason(&self) -> String {
        let Self(_, error_type, message) = self;
        format!("{error_type}: {message}")
    }

    pub(super) fn response(self) -> HttpResponse {
        let Self(status, error_type, message) = self;
        // The name of the member depends on the type: see the types in Lambda's API reference.
        let member = if error_type == INVALID_PARAMETER { "message" } else { "Message" };
        let body = json!({ "Type": "User", member: message }).to_string();
        let id = uuid::Uuid::new_v4().to_string();
        let mut response = json_response(status, &id, body.into());
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(error_type));
        response
    }
}

const INVALID_PARAMETER: &str = "InvalidParameterValueException";

/// A response of Lambda's API to the request with this id.
pub(super) fn json_response(status: StatusCode, id: &str, body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::new(Either::Left(Full::new(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
