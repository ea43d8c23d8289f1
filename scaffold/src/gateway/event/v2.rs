//! Payload format 2.0: HTTP APIs and function URLs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::header;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Asked, decoded, text};
use crate::application::{ACCOUNT, Kind};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: String,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    pub(super) request_context: RequestContext<'a>,
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
pub(super) struct RequestContext<'a> {
    account_id: &'static str,
    api_id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorizer<'a>>,
    domain_name: String,
    domain_prefix: String,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'a str,
    time: String,
    time_epoch: i64,
}

/// What is known of the caller by a Lambda authorizer.
#[derive(Serialize)]
struct Authorizer<'a> {
    lambda: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: String,
    protocol: String,
    source_ip: String,
    user_agent: Cow<'a, str>,
}

impl<'a> Event<'a> {
    pub(super) fn new(asked: &Asked<'a>) -> Self {
        let body = asked.body();
        let mut event = Self::without_body(asked);
        event.body = body.text;
        event.is_base64_encoded = Some(body.is_base64);
        let caller = asked.route.caller.as_ref();
        event.request_context.authorizer =
            caller.map(|caller| Authorizer { lambda: caller.context.as_ref() });
        event
    }

    /// All but the body, as authorizers get it.
    pub(super) fn without_body(asked: &Asked<'a>) -> Self {
        let route = asked.route;
        let is_api = route.api.kind == Kind::Http;
        // An API decodes the path, a function URL hands it over as it came.
        let path = if is_api { decoded(&route.path) } else { route.path.clone() };
        let path = asked.path_in_stage(&path);
        let mut headers = asked.headers();
        // A function URL has them in both places.
        if is_api {
            headers.remove("cookie");
        }
        Self {
            version: "2.0",
            route_key: &route.key,
            raw_path: path.clone(),
            raw_query_string: asked.query(),
            cookies: cookies(asked),
            headers: joined(headers),
            query_string_parameters: joined(asked.query_values()),
            request_context: RequestContext {
                // Whoever calls a function URL is not asked who they are.
                account_id: if is_api { ACCOUNT } else { "anonymous" },
                api_id: if is_api {
                    (&route.api.name).into()
                } else {
                    asked.domain_prefix().into()
                },
                authorizer: None,
                domain_name: asked.domain(),
                domain_prefix: asked.domain_prefix(),
                http: Http {
                    method: asked.request.method.as_str(),
                    path,
                    protocol: asked.protocol(),
                    source_ip: asked.client.to_string(),
                    user_agent: asked.header(header::USER_AGENT).unwrap_or_default(),
                },
                request_id: &route.ids.request,
                route_key: &route.key,
                stage: &route.api.stage,
                time: asked.time(),
                time_epoch: asked.epoch(),
            },
            body: None,
            path_parameters: asked.path_parameters(),
            is_base64_encoded: None,
            stage_variables: asked.stage_variables(),
        }
    }
}

fn cookies(asked: &Asked<'_>) -> Vec<String> {
    let mut cookies = Vec::new();
    for value in asked.request.headers.get_all(header::COOKIE) {
        let value = text(value);
        let each = value.split(';').map(str::trim).filter(|cookie| !cookie.is_empty());
        cookies.extend(each.map(str::to_owned));
    }
    cookies
}

/// Several values of a name are one, with commas.
fn joined(values: BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    values.into_iter().map(|(name, values)| (name, values.join(","))).collect()
}
