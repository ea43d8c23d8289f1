//! The event that a Lambda authorizer gets for a request, and what it is asked by.

use std::net::IpAddr;
use std::time::SystemTime;

use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use super::{Asked, json, text, v1, v2};
use crate::application::{ACCOUNT, Identity, Kind, LambdaAuthorizer, Payload, region};
use crate::gateway::Route;

/// All that a `TOKEN` authorizer gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    authorization_token: &'a str,
    method_arn: &'a str,
}

/// What a `REQUEST` authorizer of a REST API gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rest<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    method_arn: &'a str,
    #[serde(flatten)]
    request: v1::Request<'a>,
}

/// What an authorizer of an HTTP API gets in format 1.0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http1<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    method_arn: &'a str,
    identity_source: &'a str,
    authorization_token: &'a str,
    #[serde(flatten)]
    request: v1::Request<'a>,
}

/// What an authorizer of an HTTP API gets in format 2.0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http2<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    route_arn: &'a str,
    identity_source: &'a [String],
    #[serde(flatten)]
    request: v2::Event<'a>,
}

/// The event for the authorizer of a request that came from `client` at `now`; nothing where the
/// request lacks what it is asked by.
pub(in crate::gateway) fn event(
    authorizer: &LambdaAuthorizer,
    route: &Route,
    request: &Parts,
    client: IpAddr,
    now: SystemTime,
) -> Option<Vec<u8>> {
    const REQUEST: &str = "REQUEST";

    let asked = Asked { route, request, body: b"", client, now: now.into() };
    let values = authorizer.identity.iter().map(|identity| value(identity, &asked));
    let values = values.collect::<Option<Vec<_>>>()?;
    let arn = arn(route, request);
    if authorizer.is_token {
        let token = values.first()?;
        let is_valid = authorizer.validation.as_ref().is_none_or(|it| it.is_match(token));
        let event = Token { kind: "TOKEN", authorization_token: token, method_arn: &arn };
        return is_valid.then(|| json(&event));
    }
    let joined = values.join(",");
    Some(match (route.api.kind, authorizer.payload) {
        (Kind::Rest, _) => {
            let request = v1::Request::new(&asked);
            json(&Rest { kind: REQUEST, method_arn: &arn, request })
        }
        (_, Payload::V1) => json(&Http1 {
            kind: REQUEST,
            method_arn: &arn,
            identity_source: &joined,
            authorization_token: &joined,
            request: v1::Request::new(&asked),
        }),
        (_, Payload::V2) => json(&Http2 {
            kind: REQUEST,
            route_arn: &arn,
            identity_source: &values,
            request: v2::Event::without_body(&asked),
        }),
    })
}

/// What policies name the request by: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/GET/orders/1`.
pub(in crate::gateway) fn arn(route: &Route, request: &Parts) -> String {
    let Route { api, path, .. } = route;
    let (region, method) = (region(), &request.method);
    format!("arn:aws:execute-api:{region}:{ACCOUNT}:{}/{}/{method}{path}", api.name, api.stage)
}

/// What a request has in this place, unless that is nothing.
fn value(identity: &Identity, asked: &Asked<'_>) -> Option<String> {
    let value = match identity {
        Identity::Header(name) => text(asked.request.headers.get(name)?).into_owned(),
        Identity::Query(name) => {
            let mut pairs = form_urlencoded::parse(asked.query().as_bytes());
            pairs.find(|(key, value)| key == name && !value.is_empty())?.1.into_owned()
        }
        Identity::StageVariable(name) => asked.route.api.stage_variables.get(name)?.clone(),
        // HTTP APIs have the names of both formats.
        Identity::Context(name) => {
            let v1 = serde_json::to_value(v1::Request::new(asked).request_context);
            let v2 = || serde_json::to_value(v2::Event::without_body(asked).request_context);
            v1.ok().and_then(|it| field(&it, name)).or_else(|| field(&v2().ok()?, name))?
        }
    };
    Some(value).filter(|value| !value.is_empty())
}

/// By a way through objects: `identity.sourceIp`.
fn field(value: &Value, name: &str) -> Option<String> {
    match name.split('.').try_fold(value, |value, name| value.get(name))? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
