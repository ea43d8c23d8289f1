//! Example events, for `scaffold invoke --event example:NAME`.
//!
//! Those of HTTP are made as [`gateway`](crate::gateway) makes them for a request; the others are ours,
//! in the shapes that AWS documents.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use http::Request;
use time::OffsetDateTime;

use crate::application::{Api, Application, Endpoint, Kind, Payload};
use crate::gateway::{self, Ids, Routed, Router};

/// Those that are written down, by name.
const WRITTEN: [(&str, &str); 13] = [
    ("alb", include_str!("examples/alb.json")),
    ("authorizer", include_str!("examples/authorizer.json")),
    ("cloudwatch-logs", include_str!("examples/cloudwatch-logs.json")),
    ("cognito", include_str!("examples/cognito.json")),
    ("dynamodb", include_str!("examples/dynamodb.json")),
    ("eventbridge", include_str!("examples/eventbridge.json")),
    ("kafka", include_str!("examples/kafka.json")),
    ("kinesis", include_str!("examples/kinesis.json")),
    ("s3", include_str!("examples/s3.json")),
    ("schedule", include_str!("examples/schedule.json")),
    ("sns", include_str!("examples/sns.json")),
    ("sqs", include_str!("examples/sqs.json")),
    ("websocket", include_str!("examples/websocket.json")),
];

/// Those of HTTP: the kind of API, and the format.
const HTTP: [(&str, Kind, Payload); 4] = [
    ("function-url", Kind::FunctionUrl { stream: false }, Payload::V2),
    ("http-api-v2", Kind::Http, Payload::V2),
    ("http-api-v1", Kind::Http, Payload::V1),
    ("rest", Kind::Rest, Payload::V1),
];

/// Their names, in order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> = WRITTEN.iter().map(|(name, _)| *name).collect();
    names.extend(HTTP.iter().map(|(name, ..)| *name));
    names.sort_unstable();
    names.into_iter()
}

/// The event called `name`.
pub(crate) fn event(name: &str) -> Option<Cow<'static, [u8]>> {
    if let Some((_, event)) = WRITTEN.iter().find(|(own, _)| *own == name) {
        return Some(event.as_bytes().into());
    }
    let (_, kind, payload) = HTTP.into_iter().find(|(own, ..)| *own == name)?;
    Some(request(kind, payload)?.into())
}

/// What `GET /hello/Ada?greeting=good%20morning` comes to.
fn request(kind: Kind, payload: Payload) -> Option<Vec<u8>> {
    const DOMAIN: &str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";
    const URL: &str = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.us-east-1.on.aws";

    let is_url = matches!(kind, Kind::FunctionUrl { .. });
    let domain = if is_url { URL } else { DOMAIN };
    let endpoint = Endpoint::default();
    let api = Api {
        name: domain.split('.').next()?.to_owned(),
        kind,
        stage: if kind == Kind::Rest { "Prod" } else { "$default" }.to_owned(),
        stage_variables: endpoint.api.stage_variables.clone(),
        cors: None,
        binary_media_types: Vec::new(),
    };
    let path = if is_url { "$default" } else { "/hello/{name}" }.to_owned();
    let method = (!is_url).then_some(http::Method::GET);
    let mut application = Application::of_one("hello", ".".as_ref());
    let function = application.functions.first_mut()?;
    function.endpoints =
        vec![Endpoint { api: api.into(), method, path, payload, authorizer: None }];

    let asked = Request::get(format!("https://{domain}/hello/Ada?greeting=good%20morning"))
        .header("accept", "application/json")
        .header("user-agent", "example/1.0")
        .header("cookie", "theme=dark")
        .body(())
        .ok()?;
    let (asked, ()) = asked.into_parts();
    let Routed::Function(mut route) = Router::new(&application).route(&asked) else { return None };
    // The same event each time: it is to be compared with.
    let extended = "JKJaXmPLvHcESHA=".to_owned();
    let request = match kind {
        Kind::Http => extended.clone(),
        _ => "3f9c1b7e-5a24-4d80-9e6b-c1d2e3f4a5b6".to_owned(),
    };
    let trace = "Root=1-6955b900-0a1b2c3d4e5f60718293a4b5".to_owned();
    route.ids = Ids { request, extended, trace };
    let new_year = OffsetDateTime::from_unix_timestamp(1_767_225_600).ok()?;
    let client = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 17));
    Some(gateway::event(&route, &asked, b"", client, new_year.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_name_has_an_event_that_is_an_object() {
        let names: Vec<_> = names().collect();
        assert_eq!(names.len(), WRITTEN.len() + HTTP.len());
        assert!(names.is_sorted());
        for name in names {
            let event = event(name).expect(name);
            let event: Value = serde_json::from_slice(&event).expect(name);
            assert!(event.is_object(), "{name}");
        }
        assert_eq!(event("nothing"), None);
    }

    #[test]
    fn those_of_http_are_the_gateways_and_the_same_each_time() {
        let context = |name: &str| {
            let event: Value = serde_json::from_slice(&event(name).unwrap()).unwrap();
            event["requestContext"].clone()
        };
        assert_eq!(event("http-api-v2"), event("http-api-v2"));
        assert_eq!(context("http-api-v2")["requestId"], "JKJaXmPLvHcESHA=");
        assert_eq!(context("http-api-v2")["time"], "01/Jan/2026:00:00:00 +0000");
        assert_eq!(context("http-api-v2")["routeKey"], "GET /hello/{name}");
        assert_eq!(context("http-api-v1")["resourcePath"], "/hello/{name}");
        assert_eq!(context("rest")["path"], "/Prod/hello/Ada");
        let event: Value = serde_json::from_slice(&event("http-api-v2").unwrap()).unwrap();
        assert_eq!(event["headers"]["x-forwarded-port"], "443");
        assert_eq!(event["headers"]["x-forwarded-proto"], "https");
        assert_eq!(event["headers"]["host"], "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com");
        assert_eq!(context("function-url")["domainPrefix"], "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6");
    }
}
