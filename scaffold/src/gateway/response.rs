//! What a function's payload is as a response.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use super::event::{is_listed, media_type};
use super::failure::finish;
use super::{MAX_PAYLOAD, Response, Route};
use crate::application::{Kind, Payload};

/// Why a payload is no response, in words for the function's author; the client gets
/// [`failure`](super::failure()) of [`Failure::Function`](super::Failure::Function).
#[derive(Debug)]
pub(crate) struct Malformed(pub(super) String);

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Fields that a REST API knows; one more, and it takes nothing.
const REST_FIELDS: [&str; 6] =
    ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "base64Encoded"];

/// What a REST API keeps for itself: a function's header of that name gets another.
const REMAPPED: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::DATE,
    header::HOST,
    header::SERVER,
    header::USER_AGENT,
    header::WWW_AUTHENTICATE,
];

/// Reads a payload as the route's kind of API does.
pub(crate) fn response(route: &Route, payload: &[u8]) -> Result<Response, Malformed> {
    if payload.len() > MAX_PAYLOAD {
        let length = payload.len();
        return Err(Malformed(format!(
            "the response has {length} bytes, and Lambda takes {MAX_PAYLOAD} at most"
        )));
    }
    let value = serde_json::from_slice(payload);
    let mut response = match (route.payload, value) {
        (Payload::V2, Ok(Value::Object(fields))) if fields.contains_key("statusCode") => {
            described(route, &fields)?
        }
        // With a `statusCode` it would be a response: all else is the body of one.
        (Payload::V2, value) => {
            let body = match (route.api.kind, value) {
                (Kind::Http, Ok(Value::String(text))) => text.into_bytes(),
                _ => payload.to_vec(),
            };
            let mut response = Response::new(body);
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        }
        (Payload::V1, Ok(Value::Object(fields))) => described(route, &fields)?,
        (Payload::V1, Ok(other)) => {
            let found = name(&other);
            return Err(Malformed(format!("the response is {found}, not an object")));
        }
        (Payload::V1, Err(error)) => {
            return Err(Malformed(format!("the response is not JSON: {error}")));
        }
    };
    finish(route, &mut response);
    Ok(response)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

fn described(route: &Route, fields: &Map<String, Value>) -> Result<Response, Malformed> {
    let kind = route.api.kind;
    if kind == Kind::Rest
        && let Some(unknown) = fields.keys().find(|name| !REST_FIELDS.contains(&name.as_str()))
    {
        return Err(Malformed(format!("a REST API knows no field `{unknown}` in a response")));
    }
    let mut response = Response::default();
    *response.status_mut() = status(kind, fields.get("statusCode"))?;
    let headers = response.headers_mut();
    add_headers(headers, fields, route.payload)?;
    if kind == Kind::Rest {
        remap(headers)?;
    }
    // They are the gateway's.
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(name);
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, if kind == Kind::Http { TEXT } else { JSON });
    }
    let body = match fields.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(body)) => body,
        Some(other) => return Err(wrong("body", other, "a string")),
    };
    let is_base64 = is_base64(kind, fields)? && is_decoded(route);
    *response.body_mut() = if is_base64 {
        BASE64_STANDARD.decode(body).map_err(|error| {
            Malformed(format!("`isBase64Encoded` is true, but `body` is not base64: {error}"))
        })?
    } else {
        body.as_bytes().to_vec()
    };
    Ok(response)
}

/// A number, or one in a string; REST APIs take a response without one as well.
pub(super) fn status(kind: Kind, value: Option<&Value>) -> Result<StatusCode, Malformed> {
    let number = match value {
        None if kind == Kind::Rest => return Ok(StatusCode::OK),
        None => return Err(Malformed("`statusCode` is missing".to_owned())),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|number| u16::try_from(number).ok()),
    };
    let status = number.and_then(|number| StatusCode::from_u16(number).ok());
    let range = 100..600;
    status.filter(|status| range.contains(&status.as_u16())).ok_or_else(|| {
        let found = value.unwrap_or(&Value::Null);
        Malformed(format!("`statusCode` is `{found}`, not a number from 100 to 599"))
    })
}

/// Adds the headers and cookies that a payload, or a stream's prelude, has.
pub(super) fn add_headers(
    headers: &mut HeaderMap,
    fields: &Map<String, Value>,
    payload: Payload,
) -> Result<(), Malformed> {
    if payload == Payload::V1 {
        for (name, values) in object(fields, "multiValueHeaders")? {
            let values = values.as_array().ok_or_else(|| {
                wrong(&format!("multiValueHeaders.{name}"), values, "an array of strings")
            })?;
            for value in values {
                add(headers, name, value)?;
            }
        }
    }
    for (name, value) in object(fields, "headers")? {
        // In both, as one of several.
        let is_there = headers
            .get_all(name.as_str())
            .iter()
            .any(|other| value.as_str().is_some_and(|value| value.as_bytes() == other.as_bytes()));
        if !is_there {
            add(headers, name, value)?;
        }
    }
    match fields.get("cookies") {
        Some(Value::Array(cookies)) if payload == Payload::V2 => {
            for cookie in cookies {
                add(headers, "set-cookie", cookie)?;
            }
        }
        None | Some(Value::Null | Value::Array(_)) => {}
        Some(_) if payload == Payload::V1 => {}
        Some(other) => return Err(wrong("cookies", other, "an array of strings")),
    }
    Ok(())
}

fn object<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, Malformed> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(object)) => Ok(Some(object).into_iter().flatten()),
        Some(other) => Err(wrong(name, other, "an object")),
    }
}

fn add(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), Malformed> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(_) | Value::Bool(_) => Cow::Owned(value.to_string()),
        other => return Err(wrong(&format!("headers.{name}"), other, "a string")),
    };
    let header = HeaderName::from_bytes(name.as_bytes());
    let header = header.map_err(|_| Malformed(format!("`{name}` is no name of a header")))?;
    let value = HeaderValue::from_bytes(text.as_bytes());
    let value = value.map_err(|_| {
        Malformed(format!("the header `{name}` has a value that no header can have: {text:?}"))
    })?;
    headers.append(header, value);
    Ok(())
}

fn remap(headers: &mut HeaderMap) -> Result<(), Malformed> {
    for name in REMAPPED {
        let values: Vec<_> = headers.get_all(&name).iter().cloned().collect();
        headers.remove(&name);
        for value in values {
            let renamed = HeaderName::from_bytes(format!("x-amzn-remapped-{name}").as_bytes());
            headers.append(renamed.map_err(|error| Malformed(error.to_string()))?, value);
        }
    }
    Ok(())
}

/// REST APIs look at `base64Encoded` first.
fn is_base64(kind: Kind, fields: &Map<String, Value>) -> Result<bool, Malformed> {
    let rest = fields.get("base64Encoded").filter(|value| kind == Kind::Rest && !value.is_null());
    match rest.or_else(|| fields.get("isBase64Encoded")) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(is_base64)) => Ok(*is_base64),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(other) => Err(wrong("isBase64Encoded", other, "true or false")),
    }
}

/// A REST API decodes only what the client asks for with a type of its list.
fn is_decoded(route: &Route) -> bool {
    if route.api.kind != Kind::Rest {
        return true;
    }
    let accept = route.accept.as_ref().and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let list = &route.api.binary_media_types;
    is_listed(list, &media_type(accept))
}

fn wrong(field: &str, found: &Value, expected: &str) -> Malformed {
    Malformed(format!("`{field}` is {}, not {expected}", name(found)))
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
