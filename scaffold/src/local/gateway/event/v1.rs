//! Payload format 1.0: REST APIs, and HTTP APIs that choose it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::header;
use serde::Serialize;
use serde_json::{Map, Value};

use super::client_request::{ClientRequest, percent_decoded};
use crate::aws::ACCOUNT_ID;
use crate::local::gateway::route::AuthorizerContext;
use crate::sam::ApiKind;

type MultiValues = BTreeMap<String, Vec<String>>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventV1<'a> {
    #[serde(flatten)]
    request: RequestV1<'a>,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

/// The event without its body, as authorizers receive it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestV1<'a> {
    /// Absent in REST APIs.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    resource: &'a str,
    path: String,
    http_method: &'a str,
    headers: BTreeMap<String, String>,
    multi_value_headers: MultiValues,
    query_string_parameters: Option<BTreeMap<String, String>>,
    multi_value_query_string_parameters: Option<MultiValues>,
    path_parameters: Option<BTreeMap<String, String>>,
    stage_variables: Option<BTreeMap<String, String>>,
    pub(super) request_context: RequestContextV1<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContextV1<'a> {
    resource_id: &'a str,
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
    identity: CallerIdentity<'a>,
    domain_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_id: Option<&'static str>,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<AuthorizerFieldV1<'a>>,
}

/// The caller's identity. Without AWS credentials only the address and the user agent are known.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct CallerIdentity<'a> {
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

#[derive(Serialize)]
#[serde(untagged)]
enum AuthorizerFieldV1<'a> {
    Context(&'a Map<String, Value>),
    /// Sent by an HTTP API whose route has no authorizer.
    None {
        claims: (),
        scopes: (),
    },
}

/// Stands in for the ids of resources and deployments.
const LOCAL_ID: &str = "local0";

impl<'a> EventV1<'a> {
    pub(super) fn new(client_request: &ClientRequest<'a>) -> Self {
        let route = client_request.route;
        let body = client_request.event_body();
        let mut request = RequestV1::new(client_request);
        request.request_context.authorizer = match &route.authorizer_context {
            Some(
                AuthorizerContext::Lambda { with_principal: fields, .. }
                | AuthorizerContext::Token(fields),
            ) => Some(AuthorizerFieldV1::Context(fields)),
            None if route.api.kind == ApiKind::Rest => None,
            None => Some(AuthorizerFieldV1::None { claims: (), scopes: () }),
        };
        Self { request, body: body.text, is_base64_encoded: body.is_base64 }
    }
}

impl<'a> RequestV1<'a> {
    pub(super) fn new(request: &ClientRequest<'a>) -> Self {
        let route = request.route;
        let is_rest = route.api.kind == ApiKind::Rest;
        let http_method = request.head.method.as_str();
        let path_with_stage = request.path_with_stage(&route.path);
        let user_agent = request.header(header::USER_AGENT);
        let headers = request.headers().into_iter();
        let headers: MultiValues =
            headers.map(|(name, values)| (title_case(&name), values)).collect();
        let query = request.query_values();
        Self {
            version: (!is_rest).then_some("1.0"),
            resource: &route.resource,
            // Only an HTTP API includes the stage here.
            path: if is_rest { route.path.clone() } else { path_with_stage.clone() },
            http_method,
            headers: last_values(&headers),
            multi_value_headers: headers,
            query_string_parameters: non_empty(last_values(&query)),
            multi_value_query_string_parameters: non_empty(query),
            path_parameters: non_empty(request.path_parameters()),
            stage_variables: non_empty(request.stage_variables()),
            request_context: RequestContextV1 {
                resource_id: if is_rest { LOCAL_ID } else { &route.route_key },
                resource_path: &route.resource,
                http_method,
                extended_request_id: &route.ids.extended,
                request_time: request.time(),
                // Only an HTTP API decodes it here.
                path: if is_rest { path_with_stage } else { percent_decoded(&path_with_stage) },
                account_id: ACCOUNT_ID,
                protocol: request.protocol(),
                stage: &route.api.stage,
                domain_prefix: request.domain_prefix(),
                request_time_epoch: request.time_epoch(),
                request_id: &route.ids.request,
                identity: CallerIdentity {
                    source_ip: request.client.to_string(),
                    user_agent: user_agent.or((!is_rest).then_some(Cow::Borrowed(""))),
                    ..CallerIdentity::default()
                },
                domain_name: request.domain_name(),
                deployment_id: is_rest.then_some(LOCAL_ID),
                api_id: &route.api.name,
                authorizer: None,
            },
        }
    }
}

fn last_values(values: &MultiValues) -> BTreeMap<String, String> {
    let last =
        |(name, values): (&String, &Vec<String>)| Some((name.clone(), values.last()?.clone()));
    values.iter().filter_map(last).collect()
}

fn non_empty<T>(map: BTreeMap<String, T>) -> Option<BTreeMap<String, T>> {
    Some(map).filter(|map| !map.is_empty())
}

/// Converts `user-agent` into `User-Agent`. AWS passes names on as the client writes them, which in
/// HTTP/1.1 is usually this way.
fn title_case(name: &str) -> String {
    let capital = |part: &str| match part.split_at_checked(1) {
        Some((first, rest)) => first.to_ascii_uppercase() + rest,
        None => String::new(),
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}
