//! Converts a function's payload into the response to the client.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use super::headers::add_gateway_headers;
use super::media_type;
use super::route::RouteMatch;
use crate::aws::MAX_PAYLOAD;
use crate::sam::{ApiKind, PayloadFormat};

/// A description of the error in a payload, for the function's author. The client receives
/// [`GatewayError::Integration`](super::error::GatewayError::Integration).
#[derive(Debug)]
pub(crate) struct MalformedResponse(pub(super) String);

type Result<T> = std::result::Result<T, MalformedResponse>;

impl fmt::Display for MalformedResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The fields that a REST API knows; it rejects a response with any other.
const REST_FIELDS: [&str; 6] =
    ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "base64Encoded"];

/// The headers of a function that a REST API renames ("Amazon API Gateway important notes" in AWS's
/// documentation).
const REMAPPED: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    HeaderName::from_static("content-md5"),
    header::DATE,
    header::MAX_FORWARDS,
    header::SERVER,
    header::USER_AGENT,
    header::WWW_AUTHENTICATE,
];

/// The headers of a function that a REST API drops, from the same list.
const DROPPED: [HeaderName; 7] = [
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::VIA,
];

/// Converts a payload as the route's kind of API does.
pub(crate) fn response(route: &RouteMatch, payload: &[u8]) -> Result<Response<Vec<u8>>> {
    if payload.len() > MAX_PAYLOAD {
        let length = payload.len();
        let message =
            format!("the response has {length} bytes; Lambda accepts at most {MAX_PAYLOAD}");
        return Err(MalformedResponse(message));
    }
    let value = serde_json::from_slice(payload);
    let mut response = match (route.payload_format, value) {
        (PayloadFormat::V2, Ok(Value::Object(fields))) if fields.contains_key("statusCode") => {
            from_fields(route, &fields)?
        }
        // Without a `statusCode`, the payload is the body.
        (PayloadFormat::V2, value) => {
            let body = match (route.api.kind, value) {
                (ApiKind::Http, Ok(Value::String(text))) => text.into_bytes(),
                _ => payload.to_vec(),
            };
            let mut response = Response::new(body);
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        }
        (PayloadFormat::V1, Ok(Value::Object(fields))) => from_fields(route, &fields)?,
        (PayloadFormat::V1, Ok(other)) => {
            let found = json_type(&other);
            return Err(MalformedResponse(format!("the response is {found}, not an object")));
        }
        (PayloadFormat::V1, Err(error)) => {
            return Err(MalformedResponse(format!("the response is not JSON: {error}")));
        }
    };
    add_gateway_headers(response.headers_mut(), route);
    Ok(response)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

fn from_fields(route: &RouteMatch, fields: &Map<String, Value>) -> Result<Response<Vec<u8>>> {
    let kind = route.api.kind;
    if kind == ApiKind::Rest
        && let Some(unknown) = fields.keys().find(|name| !REST_FIELDS.contains(&name.as_str()))
    {
        let message = format!("unknown field `{unknown}`, which a REST API rejects");
        return Err(MalformedResponse(message));
    }
    let status = match fields.get("statusCode") {
        None if kind == ApiKind::Rest => StatusCode::OK,
        None => return Err(MalformedResponse("`statusCode` is missing".to_owned())),
        Some(value) => parse_status(value)?,
    };
    let default_type = if kind == ApiKind::Http { TEXT } else { JSON };
    let mut response = head(kind, status, fields, route.payload_format, default_type)?;
    let body = match fields.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(body)) => body,
        Some(other) => return Err(wrong("body", other, "a string")),
    };
    *response.body_mut() = if is_base64(kind, fields)? && is_decoded(route) {
        let error = "`isBase64Encoded` is true, but `body` is not base64";
        BASE64_STANDARD.decode(body).map_err(|why| MalformedResponse(format!("{error}: {why}")))?
    } else {
        body.as_bytes().to_vec()
    };
    Ok(response)
}

/// Parses a status code, which can be a number in a string.
pub(super) fn parse_status(value: &Value) -> Result<StatusCode> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().and_then(|number| u16::try_from(number).ok()),
    };
    let status = number.and_then(|number| StatusCode::from_u16(number).ok());
    // A status below 200 announces another response, which never comes.
    status.filter(|status| (200..600).contains(&status.as_u16())).ok_or_else(|| {
        MalformedResponse(format!("`statusCode` is `{value}`, not a number from 200 to 599"))
    })
}

/// Creates a response without a body from the fields of a payload, or of a stream's prelude.
pub(super) fn head(
    kind: ApiKind,
    status: StatusCode,
    fields: &Map<String, Value>,
    payload_format: PayloadFormat,
    default_type: HeaderValue,
) -> Result<Response<Vec<u8>>> {
    let mut response = Response::default();
    *response.status_mut() = status;
    let headers = response.headers_mut();
    add_headers(kind, headers, fields, payload_format)?;
    if kind == ApiKind::Rest {
        remap(headers)?;
        for name in DROPPED {
            headers.remove(name);
        }
    }
    // The HTTP server sets these.
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(name);
    }
    headers.entry(header::CONTENT_TYPE).or_insert(default_type);
    Ok(response)
}

/// Adds the headers and cookies of a payload. Of a name that stands in both fields, a REST API sends
/// the value of `headers` last, and an HTTP API first.
fn add_headers(
    kind: ApiKind,
    headers: &mut HeaderMap,
    fields: &Map<String, Value>,
    payload_format: PayloadFormat,
) -> Result<()> {
    let (mut single, mut multi) = (HeaderMap::new(), HeaderMap::new());
    for (name, value) in object(fields, "headers")?.into_iter().flatten() {
        add(&mut single, name, value)?;
    }
    // The prelude of a REST API's stream can have all fields.
    if payload_format == PayloadFormat::V1 || kind == ApiKind::Rest {
        for (name, values) in object(fields, "multiValueHeaders")?.into_iter().flatten() {
            for value in array(&format!("multiValueHeaders.{name}"), values)? {
                add(&mut multi, name, value)?;
            }
        }
    }
    let (first, second) = if kind == ApiKind::Rest { (multi, single) } else { (single, multi) };
    headers.clone_from(&first);
    for (name, value) in &second {
        // A value that stands in both fields is sent once.
        if !first.get_all(name).iter().any(|other| other == value) {
            headers.append(name, value.clone());
        }
    }
    if payload_format == PayloadFormat::V2
        && let Some(cookies) = fields.get("cookies").filter(|cookies| !cookies.is_null())
    {
        for cookie in array("cookies", cookies)? {
            add(headers, "set-cookie", cookie)?;
        }
    }
    Ok(())
}

fn object<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(wrong(name, other, "an object")),
    }
}

fn array<'a>(name: &str, value: &'a Value) -> Result<&'a Vec<Value>> {
    value.as_array().ok_or_else(|| wrong(name, value, "an array of strings"))
}

fn add(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<()> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(_) | Value::Bool(_) => Cow::Owned(value.to_string()),
        other => return Err(wrong(&format!("headers.{name}"), other, "a string")),
    };
    let header = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| MalformedResponse(format!("`{name}` is not a valid header name")))?;
    let value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        MalformedResponse(format!("invalid value for the header `{name}`: {text:?}"))
    })?;
    headers.append(header, value);
    Ok(())
}

fn remap(headers: &mut HeaderMap) -> Result<()> {
    for name in REMAPPED {
        let values: Vec<_> = headers.get_all(&name).iter().cloned().collect();
        headers.remove(&name);
        for value in values {
            let renamed = HeaderName::from_bytes(format!("x-amzn-remapped-{name}").as_bytes());
            headers.append(renamed.map_err(|error| MalformedResponse(error.to_string()))?, value);
        }
    }
    Ok(())
}

/// Checks whether the body is in base64. REST APIs look at `base64Encoded` first.
fn is_base64(kind: ApiKind, fields: &Map<String, Value>) -> Result<bool> {
    let rest =
        fields.get("base64Encoded").filter(|value| kind == ApiKind::Rest && !value.is_null());
    match rest.or_else(|| fields.get("isBase64Encoded")) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(is_base64)) => Ok(*is_base64),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(other) => Err(wrong("isBase64Encoded", other, "true or false")),
    }
}

/// Checks whether a body in base64 is decoded. A REST API does so only if the client accepts one of its
/// binary media types.
fn is_decoded(route: &RouteMatch) -> bool {
    if route.api.kind != ApiKind::Rest {
        return true;
    }
    let accept = route.accept.as_ref().and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let list = &route.api.binary_media_types;
    media_type::is_listed(list, &media_type::first(accept))
}

fn wrong(field: &str, found: &Value, expected: &str) -> MalformedResponse {
    MalformedResponse(format!("`{field}` is {}, not {expected}", json_type(found)))
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
