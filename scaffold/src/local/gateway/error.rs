//! The responses that the gateway gives by itself, with the statuses and bodies that AWS's have.

use http::{HeaderValue, Response, StatusCode, header};

use super::headers::{APIGW_REQUEST_ID, ERROR_TYPE, add_gateway_headers};
use super::request_ids::extended_id;
use super::route::RouteMatch;
use crate::sam::{ApiAuthorizer, ApiKind};

/// A reason for which the client receives no response of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GatewayError {
    /// The function failed, exited or timed out, or its response is malformed or too large.
    Integration,
    /// The gateway stopped waiting for the function.
    IntegrationTimeout,
    /// The request is larger than Lambda accepts.
    RequestTooLarge,
    /// The headers of the request are larger than API Gateway accepts.
    HeadersTooLarge,
    /// The request lacks an identity source, or the authorizer does not know the caller.
    Unauthorized,
    /// The token of the request is invalid, for the reason in this description.
    InvalidToken(&'static str),
    /// The token of the request has none of the scopes of the route.
    InsufficientScope,
    /// The authorizer denies the request: by a statement if `explicit`, or because none allows it.
    AccessDenied { explicit: bool },
    /// The authorizer failed, or its response is malformed.
    Authorizer,
}

impl GatewayError {
    /// The response to the client.
    pub(crate) fn response(self, route: &RouteMatch) -> Response<Vec<u8>> {
        use ApiKind::{FunctionUrl, Http, Rest};

        let (status, body, error_type) = match (route.api.kind, self) {
            (Http, Self::Integration | Self::Authorizer) => {
                (500, r#"{"message":"Internal Server Error"}"#, None)
            }
            (Http, Self::IntegrationTimeout) => (503, r#"{"message":"Service Unavailable"}"#, None),
            (Http, Self::RequestTooLarge) => {
                (413, r#"{"message":"Request Entity Too Large"}"#, None)
            }
            (Http | Rest | FunctionUrl { .. }, Self::HeadersTooLarge) => {
                (431, r#"{"message":"Request Header Fields Too Large"}"#, None)
            }
            (Http, Self::Unauthorized | Self::InvalidToken(_)) => {
                (401, r#"{"message":"Unauthorized"}"#, None)
            }
            (Http, Self::AccessDenied { .. } | Self::InsufficientScope) => {
                (403, r#"{"message":"Forbidden"}"#, None)
            }

            (Rest, Self::Integration) => (
                502,
                r#"{"message": "Internal server error"}"#,
                Some("InternalServerErrorException"),
            ),
            (Rest, Self::IntegrationTimeout) => (
                504,
                r#"{"message": "Endpoint request timed out"}"#,
                Some("InternalServerErrorException"),
            ),
            (Rest, Self::RequestTooLarge) => {
                (413, r#"{"message": "Request Too Long"}"#, Some("RequestTooLargeException"))
            }
            (Rest, Self::Unauthorized | Self::InvalidToken(_)) => {
                (401, r#"{"message": "Unauthorized"}"#, Some("UnauthorizedException"))
            }
            (Rest, Self::AccessDenied { explicit: false } | Self::InsufficientScope) => (
                403,
                r#"{"message": "User is not authorized to access this resource"}"#,
                Some("AccessDeniedException"),
            ),
            (Rest, Self::AccessDenied { explicit: true }) => (
                403,
                r#"{"message": "User is not authorized to access this resource with an explicit deny"}"#,
                Some("AccessDeniedException"),
            ),
            (Rest, Self::Authorizer) => {
                (500, r#"{"message":null}"#, Some("AuthorizerConfigurationException"))
            }

            (FunctionUrl { .. }, Self::RequestTooLarge) => (
                413,
                r#"{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}"#,
                None,
            ),
            (FunctionUrl { .. }, Self::Unauthorized | Self::InvalidToken(_)) => {
                (401, "Unauthorized", None)
            }
            (FunctionUrl { .. }, Self::AccessDenied { .. } | Self::InsufficientScope) => {
                (403, "Forbidden", None)
            }
            (
                FunctionUrl { .. },
                Self::Integration | Self::IntegrationTimeout | Self::Authorizer,
            ) => (502, "Internal Server Error", None),
        };
        let mut response = json(status, body);
        if let Some(error_type) = error_type {
            response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(error_type));
        }
        if let Some(challenge) = self.challenge(route) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        add_gateway_headers(response.headers_mut(), route);
        response
    }

    /// Explains to the client of an HTTP API why its token is refused ("Troubleshooting issues with HTTP API JWT
    /// authorizers" in AWS's documentation).
    fn challenge(self, route: &RouteMatch) -> Option<HeaderValue> {
        let Some(ApiAuthorizer::Jwt(authorizer)) = route.authorizer.as_deref() else { return None };
        let (error, description) = match self {
            Self::Unauthorized => return Some(HeaderValue::from_static("Bearer")),
            Self::InvalidToken(description) => ("invalid_token", description),
            Self::InsufficientScope => ("insufficient_scope", "the token lacks the scopes"),
            _ => return None,
        };
        let scopes = authorizer.scopes.join(" ");
        HeaderValue::try_from(format!(
            "Bearer scope=\"{scopes}\" error=\"{error}\" error_description=\"{description}\""
        ))
        .ok()
    }
}

/// The response to a request that is not for an API, such as `OPTIONS *` or `CONNECT`.
pub(super) fn bad_request() -> Response<Vec<u8>> {
    json(400, r#"{"message":"Bad Request"}"#)
}

/// The response of an HTTP API that has no matching route.
pub(super) fn not_found() -> Response<Vec<u8>> {
    let mut response = json(404, r#"{"message":"Not Found"}"#);
    if let Ok(id) = HeaderValue::from_str(&extended_id()) {
        response.headers_mut().insert(APIGW_REQUEST_ID, id);
    }
    response
}

/// The response of a REST API that does not have the path, or not with this method.
pub(super) fn missing_authentication_token() -> Response<Vec<u8>> {
    let mut response = json(403, r#"{"message":"Missing Authentication Token"}"#);
    let error_type = HeaderValue::from_static("MissingAuthenticationTokenException");
    response.headers_mut().insert(ERROR_TYPE, error_type);
    response
}

fn json(status: u16, body: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
