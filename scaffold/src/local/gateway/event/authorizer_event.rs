//! The event that a Lambda authorizer receives for a request.

use std::net::IpAddr;
use std::time::SystemTime;

use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use super::client_request::{ClientRequest, text, to_json};
use super::v1::RequestV1;
use super::v2::EventV2;
use crate::local::gateway::error::GatewayError;
use crate::local::gateway::route::RouteMatch;
use crate::sam::{ApiKind, IdentitySource, LambdaAuthorizer, PayloadFormat};

/// The event of a `TOKEN` authorizer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenEvent<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    authorization_token: &'a str,
    method_arn: &'a str,
}

/// The event of a `REQUEST` authorizer: some fields, and those of the function's event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestEvent<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_source: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_token: Option<&'a str>,
    #[serde(flatten)]
    request: T,
}

/// Returns the event for the authorizer of a request that came from `client` at `now`. The request is
/// unauthorized if it lacks an identity source.
pub(crate) fn authorizer_event(
    authorizer: &LambdaAuthorizer,
    route: &RouteMatch,
    request: &Parts,
    client: IpAddr,
    now: SystemTime,
) -> Result<Vec<u8>, GatewayError> {
    let request = ClientRequest { route, head: request, body: b"", client, now: now.into() };
    let sources = authorizer.identity_sources.iter();
    let values = sources.map(|source| value(source, &request)).collect::<Option<Vec<_>>>();
    let values = values.ok_or(GatewayError::Unauthorized)?;
    let arn = route.execute_api_arn(&request.head.method);
    if authorizer.is_token {
        let token = values.first().ok_or(GatewayError::Unauthorized)?;
        if authorizer.validation.as_ref().is_some_and(|it| !it.is_match(token)) {
            return Err(GatewayError::Unauthorized);
        }
        let event = TokenEvent { kind: "TOKEN", authorization_token: token, method_arn: &arn };
        return Ok(to_json(&event));
    }
    let joined = values.join(",");
    let is_rest = route.api.kind == ApiKind::Rest;
    Ok(match authorizer.payload_format {
        PayloadFormat::V1 => to_json(&RequestEvent {
            kind: "REQUEST",
            method_arn: Some(&arn),
            route_arn: None,
            identity_source: (!is_rest).then(|| joined.as_str().into()),
            authorization_token: (!is_rest).then_some(&joined),
            request: RequestV1::new(&request),
        }),
        PayloadFormat::V2 => to_json(&RequestEvent {
            kind: "REQUEST",
            method_arn: None,
            route_arn: Some(&arn),
            identity_source: Some(values.into()),
            authorization_token: None,
            request: EventV2::without_body(&request),
        }),
    })
}

/// Returns the value of an identity source, unless it is absent or empty.
fn value(source: &IdentitySource, request: &ClientRequest<'_>) -> Option<String> {
    let value = match source {
        IdentitySource::Header(name) => text(request.head.headers.get(name)?).into_owned(),
        IdentitySource::Query(name) => {
            let values = request.query_values().remove(name)?;
            values.into_iter().find(|value| !value.is_empty())?
        }
        IdentitySource::StageVariable(name) => request.route.api.stage_variables.get(name)?.clone(),
        // HTTP APIs accept the names of both formats.
        IdentitySource::Context(name) => {
            let v1 = serde_json::to_value(RequestV1::new(request).request_context);
            let v2 = || serde_json::to_value(EventV2::without_body(request).request_context);
            v1.ok().and_then(|it| field(&it, name)).or_else(|| field(&v2().ok()?, name))?
        }
    };
    Some(value).filter(|value| !value.is_empty())
}

/// Follows a path such as `identity.sourceIp`.
fn field(context: &Value, path: &str) -> Option<String> {
    match context.pointer(&format!("/{}", path.replace('.', "/")))? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
