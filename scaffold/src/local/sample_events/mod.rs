//! Example events, for `scaffold invoke --event example:NAME`.
//!
//! The gateway creates those for HTTP; the others are files in the form that AWS documents.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use http::{Method, Request};
use time::OffsetDateTime;

use super::gateway;
use super::gateway::{RequestIds, Router, Routing};
use crate::sam::{Api, ApiKind, Application, Endpoint, PayloadFormat};

/// The names and contents of the files.
const FILES: [(&str, &str); 14] = [
    ("alb", include_str!("alb.json")),
    ("authorizer", include_str!("authorizer.json")),
    ("cloudwatch-logs", include_str!("cloudwatch-logs.json")),
    ("cognito", include_str!("cognito.json")),
    ("dynamodb", include_str!("dynamodb.json")),
    ("eventbridge", include_str!("eventbridge.json")),
    ("kafka", include_str!("kafka.json")),
    ("kinesis", include_str!("kinesis.json")),
    ("s3", include_str!("s3.json")),
    ("schedule", include_str!("schedule.json")),
    ("ses", include_str!("ses.json")),
    ("sns", include_str!("sns.json")),
    ("sqs", include_str!("sqs.json")),
    ("websocket", include_str!("websocket.json")),
];

/// The events for HTTP: name, kind of API, and payload format.
const HTTP: [(&str, ApiKind, PayloadFormat); 4] = [
    ("function-url", ApiKind::FunctionUrl { stream: false }, PayloadFormat::V2),
    ("http-api-v2", ApiKind::Http, PayloadFormat::V2),
    ("http-api-v1", ApiKind::Http, PayloadFormat::V1),
    ("rest", ApiKind::Rest, PayloadFormat::V1),
];

/// The names of all events in alphabetical order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> = FILES.iter().map(|(name, _)| *name).collect();
    names.extend(HTTP.iter().map(|(name, ..)| *name));
    names.sort_unstable();
    names.into_iter()
}

/// Returns an event by its name.
pub(crate) fn event(name: &str) -> Option<Cow<'static, [u8]>> {
    if let Some((_, event)) = FILES.iter().find(|(file, _)| *file == name) {
        return Some(event.as_bytes().into());
    }
    let (_, kind, payload_format) = HTTP.into_iter().find(|(event, ..)| *event == name)?;
    Some(hello_event(kind, payload_format)?.into())
}

/// Creates the event for `GET /hello/Ada?greeting=good%20morning`.
fn hello_event(kind: ApiKind, payload_format: PayloadFormat) -> Option<Vec<u8>> {
    let request = Request::get("/hello/Ada?greeting=good%20morning")
        .header("accept", "application/json")
        .header("user-agent", "example/1.0")
        .header("cookie", "theme=dark")
        .body(String::new());
    http_event(kind, payload_format, (Some(Method::GET), "/hello/{name}"), request.ok()?)
}

/// Creates the event for a request through this route of an API.
pub(crate) fn http_event(
    kind: ApiKind,
    payload_format: PayloadFormat,
    (method, path): (Option<Method>, &str),
    request: Request<String>,
) -> Option<Vec<u8>> {
    const DOMAIN: &str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";
    const URL: &str = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.us-east-1.on.aws";

    let is_url = matches!(kind, ApiKind::FunctionUrl { .. });
    let domain = if is_url { URL } else { DOMAIN };
    let api = Api {
        name: domain.split('.').next()?.to_owned(),
        kind,
        stage: if kind == ApiKind::Rest { "Prod" } else { "$default" }.to_owned(),
        ..Api::default()
    };
    let endpoint = Endpoint {
        api: api.into(),
        method: method.filter(|_| !is_url),
        path: if is_url { "$default" } else { path }.to_owned(),
        payload_format,
        ..Endpoint::default()
    };
    let mut application = Application::single_function("hello", ".".as_ref());
    application.functions.first_mut()?.endpoints = vec![endpoint];

    let (mut request, body) = request.into_parts();
    request.uri = format!("https://{domain}{}", request.uri).parse().ok()?;
    let Routing::Function(mut route) = Router::new(&application).route(&request) else {
        return None;
    };
    // Fixed ids and a fixed time, so that the event is the same each time.
    let extended = "JKJaXmPLvHcESHA=".to_owned();
    let request_id = match kind {
        ApiKind::Http => extended.clone(),
        _ => "3f9c1b7e-5a24-4d80-9e6b-c1d2e3f4a5b6".to_owned(),
    };
    let trace = "Root=1-6955b900-0a1b2c3d4e5f60718293a4b5".to_owned();
    route.ids = RequestIds { request: request_id, extended, trace };
    let new_year = OffsetDateTime::from_unix_timestamp(1_767_225_600).ok()?;
    let client = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 17));
    Some(gateway::event(&route, &request, body.as_bytes(), client, new_year.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_name_has_an_event_that_is_an_object() {
        let names: Vec<_> = names().collect();
        assert_eq!(names.len(), FILES.len() + HTTP.len());
        assert!(names.is_sorted());
        for name in names {
            let event = event(name).expect(name);
            let event: Value = serde_json::from_slice(&event).expect(name);
            assert!(event.is_object(), "{name}");
        }
        assert_eq!(event("nothing"), None);
    }

    #[test]
    fn the_gateways_events_are_the_same_each_time() {
        assert_eq!(event("http-api-v2"), event("http-api-v2"));
        let host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";
        for (name, pointer, expected) in [
            ("http-api-v2", "/requestContext/requestId", "JKJaXmPLvHcESHA="),
            ("http-api-v2", "/requestContext/time", "01/Jan/2026:00:00:00 +0000"),
            ("http-api-v2", "/requestContext/routeKey", "GET /hello/{name}"),
            ("http-api-v2", "/headers/host", host),
            ("http-api-v2", "/headers/x-forwarded-port", "443"),
            ("http-api-v2", "/headers/x-forwarded-proto", "https"),
            ("http-api-v1", "/requestContext/resourcePath", "/hello/{name}"),
            ("rest", "/requestContext/path", "/Prod/hello/Ada"),
            ("function-url", "/requestContext/domainPrefix", "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6"),
        ] {
            let event: Value = serde_json::from_slice(&event(name).unwrap()).unwrap();
            assert_eq!(event.pointer(pointer).unwrap(), expected, "{name} {pointer}");
        }
    }
}
