//! Payload format 1.0: REST APIs, and HTTP APIs that are set to it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::header;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Asked;
use crate::application::{ACCOUNT, Kind};

type Values = BTreeMap<String, Vec<String>>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(flatten)]
    request: Request<'a>,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

/// All but the body, as authorizers get it too.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'a> {
    /// HTTP APIs say it, REST APIs are older than versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    resource: &'a str,
    path: String,
    http_method: &'a str,
    headers: BTreeMap<String, String>,
    multi_value_headers: Values,
    query_string_parameters: Option<BTreeMap<String, String>>,
    multi_value_query_string_parameters: Option<Values>,
    path_parameters: Option<BTreeMap<String, String>>,
    stage_variables: Option<BTreeMap<String, String>>,
    pub(super) request_context: RequestContext<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContext<'a> {
    resource_id: Option<&'static str>,
    resource_path: &'a str,
    http_method: &'a str,
    extended_request_id: &'a str,
    request_time: String,
    path: String,
    account_id: &'static str,
    protocol: String,
    stage: &'a str,
    domain_prefix: String,
    request_time_epoch: i64,
    request_id: &'a str,
    identity: Identity<'a>,
    domain_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_id: Option<&'static str>,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorizer<'a>>,
}

/// The caller, of whom only the address is known where nobody is asked who they are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    cognito_identity_pool_id: (),
    account_id: (),
    cognito_identity_id: (),
    caller: (),
    source_ip: String,
    principal_org_id: (),
    access_key: (),
    cognito_authentication_type: (),
    cognito_authentication_provider: (),
    user_arn: (),
    user_agent: Option<Cow<'a, str>>,
    user: (),
}

/// What is known of the caller by an authorizer; without one, HTTP APIs say so.
#[derive(Serialize)]
#[serde(untagged)]
enum Authorizer<'a> {
    Lambda(&'a Map<String, Value>),
    None { claims: (), scopes: () },
}

/// An id of the form that those of resources and deployments have.
const LOCAL: &str = "local0";

impl<'a> Event<'a> {
    pub(super) fn new(asked: &Asked<'a>) -> Self {
        let body = asked.body();
        let mut request = Request::new(asked);
        request.request_context.authorizer = match &asked.route.caller {
            Some(caller) => Some(Authorizer::Lambda(&caller.named)),
            None if asked.route.api.kind == Kind::Rest => None,
            None => Some(Authorizer::None { claims: (), scopes: () }),
        };
        Self { request, body: body.text, is_base64_encoded: body.is_base64 }
    }
}

impl<'a> Request<'a> {
    pub(super) fn new(asked: &Asked<'a>) -> Self {
        let (route, request) = (asked.route, asked.request);
        let is_rest = route.api.kind == Kind::Rest;
        let method = request.method.as_str();
        let in_stage = asked.path_in_stage(&route.path);
        let headers = asked.headers().into_iter().map(|(name, values)| (title_case(&name), values));
        let headers: Values = headers.collect();
        let query = asked.query_values();
        Self {
            version: (!is_rest).then_some("1.0"),
            resource: &route.resource,
            // Only an HTTP API has the stage in it.
            path: if is_rest { route.path.clone() } else { in_stage.clone() },
            http_method: method,
            headers: last(&headers),
            multi_value_headers: headers,
            query_string_parameters: some(last(&query)),
            multi_value_query_string_parameters: some(query),
            path_parameters: some(asked.path_parameters()),
            stage_variables: some(asked.stage_variables()),
            request_context: RequestContext {
                resource_id: is_rest.then_some(LOCAL),
                resource_path: &route.resource,
                http_method: method,
                extended_request_id: &route.ids.extended,
                request_time: asked.time(),
                path: in_stage,
                account_id: ACCOUNT,
                protocol: asked.protocol(),
                stage: &route.api.stage,
                domain_prefix: asked.domain_prefix(),
                request_time_epoch: asked.epoch(),
                request_id: &route.ids.request,
                identity: Identity {
                    cognito_identity_pool_id: (),
                    account_id: (),
                    cognito_identity_id: (),
                    caller: (),
                    source_ip: asked.client.to_string(),
                    principal_org_id: (),
                    access_key: (),
                    cognito_authentication_type: (),
                    cognito_authentication_provider: (),
                    user_arn: (),
                    user_agent: asked.header(header::USER_AGENT),
                    user: (),
                },
                domain_name: asked.domain(),
                deployment_id: is_rest.then_some(LOCAL),
                api_id: &route.api.name,
                authorizer: None,
            },
        }
    }
}

/// Of several values, the last.
fn last(values: &Values) -> BTreeMap<String, String> {
    let last =
        |(name, values): (&String, &Vec<String>)| Some((name.clone(), values.last()?.clone()));
    values.iter().filter_map(last).collect()
}

fn some<T>(map: BTreeMap<String, T>) -> Option<BTreeMap<String, T>> {
    Some(map).filter(|map| !map.is_empty())
}

/// `User-Agent`: names are handed over as clients write them, which in HTTP/1.1 is this way.
fn title_case(name: &str) -> String {
    let capital = |part: &str| match part.split_at_checked(1) {
        Some((first, rest)) => first.to_ascii_uppercase() + rest,
        None => String::new(),
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}
