//! What an API lets the pages of other origins do, in headers.

use std::fmt::Display;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::Response;
use crate::application::{Api, Cors};

/// The headers that are the API's alone once it has a configuration.
const OWN: [HeaderName; 6] = [
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
];

/// Whether a browser asks what it may do.
pub(super) fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(header::ORIGIN)
        && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer of an HTTP API or a function URL that has a configuration, without its function.
pub(super) fn preflight(api: &Api, request: &Parts) -> Option<Response> {
    let cors = api.cors.as_ref()?;
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Some(origin) = allowed(cors, request.headers.get(header::ORIGIN)) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        add_list(headers, header::ACCESS_CONTROL_ALLOW_METHODS, &cors.methods);
        add_list(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.headers);
        add_credentials(headers, cors);
        add_age(headers, cors);
    }
    Some(response)
}

/// Puts the configured headers in place of the function's, as HTTP APIs and function URLs do.
pub(super) fn apply(api: &Api, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let Some(cors) = &api.cors else { return };
    for name in OWN {
        headers.remove(name);
    }
    if let Some(origin) = allowed(cors, origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        add_list(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.exposed);
        add_credentials(headers, cors);
    }
}

/// The answer of the `OPTIONS` that SAM adds to each path of a REST API with a configuration.
pub(super) fn mocked_preflight<'a>(
    api: &Api,
    request: &Parts,
    methods: impl Iterator<Item = Option<&'a Method>>,
) -> Option<Response> {
    if request.method != Method::OPTIONS {
        return None;
    }
    let methods: Vec<_> = methods.collect();
    let cors = api.cors.as_ref()?;
    let mut response = Response::new(b"{}\n".to_vec());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    add_list(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, &cors.origins);
    add_list(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.headers);
    add_credentials(headers, cors);
    add_age(headers, cors);
    let methods = if cors.methods.is_empty() { existing(&methods) } else { cors.methods.clone() };
    add_list(headers, header::ACCESS_CONTROL_ALLOW_METHODS, &methods);
    Some(response)
}

/// Those of a path, as SAM lists them.
fn existing(methods: &[Option<&Method>]) -> Vec<String> {
    const ALL: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    let is_there = |name: &&str| {
        *name == "OPTIONS"
            || methods.iter().any(|method| method.is_none_or(|method| method.as_str() == *name))
    };
    ALL.iter().filter(|name| is_there(name)).map(|name| (*name).to_owned()).collect()
}

/// What an origin is told, where it is one of the API's.
fn allowed(cors: &Cors, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
    let origin = origin?;
    let text = origin.to_str().ok()?;
    let fits = |allowed: &String| match allowed.strip_suffix('*') {
        // `https://*`
        Some(scheme) if scheme.ends_with("://") => text.starts_with(scheme),
        _ => allowed.eq_ignore_ascii_case(text),
    };
    if cors.origins.iter().any(|allowed| allowed == "*") {
        return Some(HeaderValue::from_static("*"));
    }
    cors.origins.iter().any(fits).then(|| origin.clone())
}

fn add_list(headers: &mut HeaderMap, name: HeaderName, values: &[String]) {
    if !values.is_empty() {
        add(headers, name, values.join(","));
    }
}

fn add_credentials(headers: &mut HeaderMap, cors: &Cors) {
    if cors.credentials {
        add(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, true);
    }
}

fn add_age(headers: &mut HeaderMap, cors: &Cors) {
    if let Some(age) = cors.max_age {
        add(headers, header::ACCESS_CONTROL_MAX_AGE, age);
    }
}

/// Leaves out what no header can be: API Gateway would not have taken it.
fn add(headers: &mut HeaderMap, name: HeaderName, value: impl Display) {
    if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
        headers.insert(name, value);
    }
}
