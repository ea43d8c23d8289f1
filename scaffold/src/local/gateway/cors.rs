//! CORS: preflight responses, and the headers of other responses.

use std::fmt::Display;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};

use crate::sam::{Api, ApiKind, Cors};

/// The headers that an API with a configuration sets itself.
const CORS_HEADERS: [HeaderName; 6] = [
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
];

fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(header::ORIGIN)
        && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Returns the response of an HTTP API or a function URL to a preflight request, if it has a
/// configuration.
pub(super) fn preflight_response(api: &Api, request: &Parts) -> Option<Response<Vec<u8>>> {
    let cors = api.cors.as_ref().filter(|_| is_preflight(request))?;
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Some(origin) = allowed_origin(cors, request.headers.get(header::ORIGIN)) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        add_preflight_headers(headers, cors, &cors.allow_methods);
    }
    Some(response)
}

/// Replaces the function's CORS headers by the configured ones, as HTTP APIs and function URLs do.
pub(super) fn apply(api: &Api, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let Some(cors) = &api.cors else { return };
    for name in CORS_HEADERS {
        headers.remove(name);
    }
    if let Some(origin) = allowed_origin(cors, origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        add_list(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers);
        add_credentials(headers, cors);
    }
}

/// Checks whether SAM adds the method to the paths of an API that do not have it.
pub(super) fn has_mock(api: &Api, method: &Method) -> bool {
    api.kind == ApiKind::Rest && api.cors.is_some() && method == Method::OPTIONS
}

/// Returns the response of the `OPTIONS` method that SAM adds to every path of a REST API with a
/// configuration.
pub(super) fn mock_response<'a>(
    api: &Api,
    request: &Parts,
    methods: impl Iterator<Item = Option<&'a Method>>,
) -> Option<Response<Vec<u8>>> {
    let cors = api.cors.as_ref().filter(|_| has_mock(api, &request.method))?;
    let mut response = Response::new(b"{}\n".to_vec());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    add_list(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, &cors.allow_origins);
    match cors.allow_methods.as_slice() {
        [] => add_preflight_headers(headers, cors, &list_methods(methods)),
        methods => add_preflight_headers(headers, cors, methods),
    }
    Some(response)
}

/// Lists the methods of a path as SAM does.
fn list_methods<'a>(methods: impl Iterator<Item = Option<&'a Method>>) -> Vec<String> {
    let methods: Vec<_> = methods.chain([Some(&Method::OPTIONS)]).collect();
    let mut names = vec!["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    names.retain(|name| methods.iter().any(|method| method.is_none_or(|it| it == name)));
    names.into_iter().map(str::to_owned).collect()
}

/// Returns `Access-Control-Allow-Origin` for an origin that the API allows.
fn allowed_origin(cors: &Cors, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
    let origin = origin?;
    let text = origin.to_str().ok()?;
    let fits = |allowed: &String| match allowed.strip_suffix('*') {
        // `https://*`
        Some(scheme) if scheme.ends_with("://") => text.starts_with(scheme),
        _ => allowed.eq_ignore_ascii_case(text),
    };
    if cors.allow_origins.iter().any(|allowed| allowed == "*") {
        return Some(HeaderValue::from_static("*"));
    }
    cors.allow_origins.iter().any(fits).then(|| origin.clone())
}

fn add_list(headers: &mut HeaderMap, name: HeaderName, values: &[String]) {
    if !values.is_empty() {
        add(headers, name, values.join(","));
    }
}

fn add_preflight_headers(headers: &mut HeaderMap, cors: &Cors, methods: &[String]) {
    add_list(headers, header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    add_list(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.allow_headers);
    add_credentials(headers, cors);
    if let Some(age) = cors.max_age {
        add(headers, header::ACCESS_CONTROL_MAX_AGE, age);
    }
}

fn add_credentials(headers: &mut HeaderMap, cors: &Cors) {
    if cors.allow_credentials {
        add(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, true);
    }
}

/// Leaves out an invalid value, which API Gateway rejects at deployment.
fn add(headers: &mut HeaderMap, name: HeaderName, value: impl Display) {
    if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
        headers.insert(name, value);
    }
}
