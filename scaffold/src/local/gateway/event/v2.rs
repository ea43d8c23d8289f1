//! Payload format 2.0: HTTP APIs and function URLs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::header;
use serde::Serialize;
use serde_json::{Map, Value};

use super::client_request::{ClientRequest, percent_decoded, text};
use crate::aws::ACCOUNT_ID;
use crate::local::gateway::route::AuthorizerContext;
use crate::sam::ApiKind;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventV2<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: String,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    pub(super) request_context: RequestContextV2<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_base64_encoded: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    stage_variables: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContextV2<'a> {
    account_id: &'static str,
    api_id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<AuthorizerFieldV2<'a>>,
    domain_name: String,
    domain_prefix: String,
    http: HttpFields<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'a str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum AuthorizerFieldV2<'a> {
    /// The context of a Lambda authorizer.
    Lambda(Option<&'a Map<String, Value>>),
    /// The claims and scopes of a token.
    Jwt(&'a Map<String, Value>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpFields<'a> {
    method: &'a str,
    path: String,
    protocol: String,
    source_ip: String,
    user_agent: Cow<'a, str>,
}

impl<'a> EventV2<'a> {
    pub(super) fn new(request: &ClientRequest<'a>) -> Self {
        let body = request.event_body();
        let mut event = Self::without_body(request);
        event.body = body.text;
        event.is_base64_encoded = Some(body.is_base64);
        event.request_context.authorizer = match &request.route.authorizer_context {
            Some(AuthorizerContext::Lambda { context, .. }) => {
                Some(AuthorizerFieldV2::Lambda(context.as_ref()))
            }
            Some(AuthorizerContext::Token(fields)) => Some(AuthorizerFieldV2::Jwt(fields)),
            None => None,
        };
        event
    }

    /// Creates the event without its body, as authorizers receive it.
    pub(super) fn without_body(request: &ClientRequest<'a>) -> Self {
        let route = request.route;
        let is_api = route.api.kind == ApiKind::Http;
        // An API decodes the path, a function URL does not.
        let path = if is_api { percent_decoded(&route.path) } else { route.path.clone() };
        let path = request.path_with_stage(&path);
        let mut headers = request.headers();
        // A function URL has cookies in both places.
        if is_api {
            headers.remove("cookie");
        }
        let domain_prefix = request.domain_prefix();
        Self {
            version: "2.0",
            route_key: &route.route_key,
            raw_path: path.clone(),
            raw_query_string: request.query(),
            cookies: cookies(request),
            headers: joined(headers),
            query_string_parameters: joined(request.query_values()),
            request_context: RequestContextV2 {
                account_id: if is_api { ACCOUNT_ID } else { "anonymous" },
                api_id: if is_api {
                    (&route.api.name).into()
                } else {
                    domain_prefix.clone().into()
                },
                authorizer: None,
                domain_name: request.domain_name(),
                domain_prefix,
                http: HttpFields {
                    method: request.head.method.as_str(),
                    path,
                    protocol: request.protocol(),
                    source_ip: request.client.to_string(),
                    user_agent: request.header(header::USER_AGENT).unwrap_or_default(),
                },
                request_id: &route.ids.request,
                route_key: &route.route_key,
                stage: &route.api.stage,
                time: request.time(),
                time_epoch: request.time_epoch(),
            },
            body: None,
            path_parameters: request.path_parameters(),
            is_base64_encoded: None,
            stage_variables: request.stage_variables(),
        }
    }
}

fn cookies(request: &ClientRequest<'_>) -> Vec<String> {
    let mut cookies = Vec::new();
    for value in request.head.headers.get_all(header::COOKIE) {
        let value = text(value);
        let each = value.split(';').map(str::trim).filter(|cookie| !cookie.is_empty());
        cookies.extend(each.map(str::to_owned));
    }
    cookies
}

/// Joins the values of each name with commas.
fn joined(values: BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    values.into_iter().map(|(name, values)| (name, values.join(","))).collect()
}
