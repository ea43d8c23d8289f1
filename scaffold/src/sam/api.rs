//! Reads the APIs of a template, and the endpoints of each function: its events, the operations of
//! `OpenAPI` definitions, and function URLs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use heck::ToUpperCamelCase;
use http::Method;

use super::arn;
use super::authorizer;
use super::authorizer::Authorizers;
use super::diagnostics::{Diagnostic, Diagnostics, ReadResult};
use super::function;
use super::intrinsics::is_function;
use super::model::{Api, ApiKind, Cors, Endpoint, PayloadFormat};
use super::openapi;
use super::resource::{HTTP_API, RAW_HTTP_API, RAW_REST_API, REST_API, Resource};
use super::yaml::{NULL, Node, NodeValue};

/// The APIs that SAM creates for events that do not name one.
const IMPLICIT_HTTP: &str = "ServerlessHttpApi";
const IMPLICIT_REST: &str = "ServerlessRestApi";

const STATE_MACHINE: &str = "AWS::Serverless::StateMachine";

/// The APIs of a template, with their routes.
pub(super) struct Apis<'a> {
    by_name: BTreeMap<String, ApiSettings>,
    /// The routes in the APIs' own definitions, then those of events.
    routes: Vec<Route>,
    /// The `AWS::Lambda::Url` resources, with the names of their functions.
    urls: Vec<(&'a str, &'a Node)>,
    /// The properties that have no effect, each of which is reported once.
    ignored: BTreeSet<&'static str>,
}

struct ApiSettings {
    api: Arc<Api>,
    authorizers: Authorizers,
    events: EventRule,
    line: usize,
}

/// Says what an event does for an API.
#[derive(Clone, Copy)]
enum EventRule {
    /// It adds a route.
    Add,
    /// It adds a route, or replaces that of the definition: `MergeDefinitions`.
    Merge,
    /// It adds a route if the definition does not have it, as SAM does for HTTP APIs.
    Complete,
    /// It permits the API to invoke the function. The routes are those of the definition.
    Permit,
}

struct Route {
    integration: Integration,
    endpoint: Endpoint,
}

enum Integration {
    /// A function, by the name in its ARN.
    Function(String),
    /// Something that is not emulated.
    Other(String),
    /// An operation without an integration, which an event can add.
    Missing,
}

impl<'a> Apis<'a> {
    /// Reads the APIs among the resources. Implicit ones have the properties in `globals`.
    pub(super) fn read(
        resources: &'a [Resource<'_>],
        globals: &Node,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut apis = Self {
            by_name: BTreeMap::new(),
            routes: Vec::new(),
            urls: Vec::new(),
            ignored: BTreeSet::new(),
        };
        for (name, kind, event_type, reference) in [
            (IMPLICIT_HTTP, HTTP_API, "HttpApi", "ApiId"),
            (IMPLICIT_REST, REST_API, "Api", "RestApiId"),
        ] {
            let is_used = |(_, event): &(String, Node)| {
                let id = event.find(&["Properties", reference]);
                event.text_of("Type") == Some(event_type)
                    && id.is_none_or(|id| id.text() == Some(name))
            };
            let mut events = resources.iter().flat_map(|it| it.properties.entries_of("Events"));
            if let Some((_, event)) = events.find(|event| is_used(event)) {
                let properties = globals.get(event_type).unwrap_or(&NULL);
                apis.add(name, kind, [properties, &NULL], event.line, diagnostics);
            }
        }
        for Resource { name, kind, properties, exact, source } in resources {
            apis.add(name, kind, [properties, exact], source.line, diagnostics);
            if let ("AWS::Lambda::Url", Some(target)) =
                (*kind, properties.text_of("TargetFunctionArn"))
            {
                apis.urls.push((arn::function_name(target).unwrap_or(target), properties));
            }
        }
        for Resource { name, kind, properties, .. } in resources {
            for (_, event) in properties.entries_of("Events") {
                let integration = match *kind {
                    STATE_MACHINE => Integration::Other("a state machine".to_owned()),
                    _ => Integration::Function((*name).to_owned()),
                };
                let added = apis.add_event(integration, event, diagnostics);
                diagnostics.recover(added);
            }
        }
        apis.report_what_is_not_served(resources, diagnostics);
        apis
    }

    /// Adds a resource if it is an API. In the second node, unknown values are not replaced.
    fn add(
        &mut self,
        name: &str,
        kind: &str,
        [properties, exact]: [&Node; 2],
        line: usize,
        diagnostics: &mut Diagnostics,
    ) {
        let api = match kind {
            HTTP_API | RAW_HTTP_API => api(name, ApiKind::Http, "$default", properties),
            REST_API | RAW_REST_API => api(name, ApiKind::Rest, "Prod", properties),
            _ => return,
        };
        let has_definition = properties
            .get("DefinitionBody")
            .is_some_and(|it| matches!(it.value, NodeValue::Map(_)));
        let paths = properties.find(&["DefinitionBody", "paths"]);
        let has_paths = paths.is_some_and(|paths| matches!(paths.value, NodeValue::Map(_)));
        let events = match kind {
            RAW_HTTP_API | RAW_REST_API => EventRule::Permit,
            _ if !has_definition => EventRule::Add,
            // SAM merges nothing into a definition without paths.
            REST_API if properties.is_true("MergeDefinitions") && has_paths => EventRule::Merge,
            HTTP_API if properties.get("DefinitionUri").is_none() => EventRule::Complete,
            _ => EventRule::Permit,
        };
        let authorizers = Authorizers::read(&api, properties, exact, diagnostics);
        if let Some(auth) = properties.get("Auth") {
            self.report_ignored(auth, &["ApiKeyRequired"], diagnostics);
        }
        let api = Arc::new(api);
        self.routes.extend(defined_routes(&api, &authorizers, properties, diagnostics));
        self.by_name.insert(name.to_owned(), ApiSettings { api, authorizers, events, line });
    }

    /// Adds the route of an event, if it is one of an API.
    fn add_event(
        &mut self,
        integration: Integration,
        event: &Node,
        diagnostics: &mut Diagnostics,
    ) -> ReadResult<()> {
        let empty = Node { line: event.line, value: NodeValue::Null };
        let properties = event.get("Properties").unwrap_or(&empty);
        let (kind, reference, implicit) = match event.text_of("Type") {
            Some("HttpApi") => (ApiKind::Http, "ApiId", IMPLICIT_HTTP),
            Some("Api") => (ApiKind::Rest, "RestApiId", IMPLICIT_REST),
            _ => return Ok(()),
        };
        if let Some(auth) = properties.get("Auth") {
            self.report_ignored(auth, &["ApiKeyRequired"], diagnostics);
        }
        let is_streamed = is_streamed(properties, kind, diagnostics);
        let (settings, endpoint) = self.endpoint_of_event(properties, kind, reference, implicit)?;
        let timeout = integration_timeout(&endpoint, properties, "TimeoutInMillis");
        let integration_timeout = diagnostics.recover(timeout);
        let endpoint = Endpoint { is_streamed, integration_timeout, ..endpoint };
        let same = |route: &&mut Route| {
            Arc::ptr_eq(&route.endpoint.api, &endpoint.api)
                && route.endpoint.path == endpoint.path
                && route.endpoint.method == endpoint.method
        };
        let names_authorizer = properties.find(&["Auth", "Authorizer"]).is_some();
        match (settings.events, self.routes.iter_mut().find(same)) {
            (EventRule::Permit, None) => {
                let has_any = self.routes.iter().any(|route| {
                    Arc::ptr_eq(&route.endpoint.api, &endpoint.api)
                        && route.endpoint.path == endpoint.path
                        && route.endpoint.method.is_none()
                });
                if !has_any {
                    let (key, api) = (endpoint.route_key(), &endpoint.api.name);
                    let message =
                        format!("skipping `{key}`, which the definition of `{api}` does not have");
                    let hint = "an event does not add it: add it to the definition, or, in an \
                                `AWS::Serverless::Api`, set `MergeDefinitions: true`";
                    diagnostics.warn(Diagnostic::new(properties.line, message).hint(hint));
                }
            }
            (EventRule::Permit, Some(route)) => {
                let overrides =
                    properties.get("Auth").is_some_and(|it| it.is_true("OverrideApiAuth"));
                if overrides && names_authorizer {
                    route.endpoint.authorizer = endpoint.authorizer;
                }
            }
            (EventRule::Complete, Some(route)) => {
                let timeout = &mut route.endpoint.integration_timeout;
                *timeout = endpoint.integration_timeout.or(*timeout);
                if names_authorizer {
                    route.endpoint.authorizer = endpoint.authorizer;
                }
                let is_missing = matches!(route.integration, Integration::Missing);
                if is_missing {
                    route.integration = integration;
                }
                if is_missing || properties.get("PayloadFormatVersion").is_some() {
                    route.endpoint.payload_format = endpoint.payload_format;
                }
            }
            (EventRule::Merge, Some(route)) => *route = Route { integration, endpoint },
            (EventRule::Add, _) | (_, None) => self.routes.push(Route { integration, endpoint }),
        }
        Ok(())
    }

    fn endpoint_of_event(
        &self,
        event: &Node,
        kind: ApiKind,
        reference: &str,
        implicit: &str,
    ) -> ReadResult<(&ApiSettings, Endpoint)> {
        let id = match event.get(reference) {
            None => implicit,
            Some(Node { value: NodeValue::Text(id) | NodeValue::Unknown(id), .. }) => id,
            Some(_) => "",
        };
        let Some(settings) = self.by_name.get(id).filter(|settings| settings.api.kind == kind)
        else {
            let line = event.get(reference).unwrap_or(event).line;
            let kind = if kind == ApiKind::Http { HTTP_API } else { REST_API };
            let message =
                format!("`{reference}` is `{id}`, which is not an `{kind}` of this template");
            let hint =
                "name an API of this template, or leave the property out for the implicit API";
            return Err(Diagnostic::new(line, message).hint(hint));
        };
        let path = match event.text_of("Path") {
            None | Some("$default" | "/$default") if kind == ApiKind::Http => "$default",
            Some(path) if path.starts_with('/') => path,
            found => {
                let message = match found {
                    Some(path) => format!("`Path` is `{path}`; it must start with `/`"),
                    None => "`Path` is missing".to_owned(),
                };
                return Err(Diagnostic::new(event.get("Path").unwrap_or(event).line, message));
            }
        };
        let method = match event.get("Method") {
            None => None,
            Some(node) => parse_method(node.text().unwrap_or_default())
                .map_err(|message| Diagnostic::new(node.line, message))?,
        };
        let is_v1 = kind == ApiKind::Rest || event.text_of("PayloadFormatVersion") == Some("1.0");
        let authorizers = &settings.authorizers;
        let endpoint = Endpoint {
            api: Arc::clone(&settings.api),
            path: path.to_owned(),
            payload_format: if is_v1 { PayloadFormat::V1 } else { PayloadFormat::V2 },
            is_streamed: false,
            integration_timeout: None,
            authorizer: authorizers.of_event(id, method.as_ref(), event)?,
            preflight_authorizer: authorizers.default_of(Some(&Method::OPTIONS)),
            method,
        };
        Ok((settings, endpoint))
    }

    /// Warns, once, about each of these properties that is set.
    fn report_ignored(
        &mut self,
        properties: &Node,
        names: &[&'static str],
        diagnostics: &mut Diagnostics,
    ) {
        for name in names {
            let Some(node) = properties.get(name).filter(|node| node.text() != Some("false"))
            else {
                continue;
            };
            if self.ignored.insert(name) {
                let message = format!("`{name}` has no effect before deployment");
                diagnostics.warn(Diagnostic::new(node.line, message).hint("AWS applies it"));
            }
        }
    }

    /// Warns about the routes and APIs that do not lead to a function of the template.
    fn report_what_is_not_served(&self, resources: &[Resource<'_>], diagnostics: &mut Diagnostics) {
        let is_known = |name: &str| resources.iter().any(|resource| is_target(resource, name));
        for settings in self.by_name.values() {
            let routes =
                self.routes.iter().filter(|it| Arc::ptr_eq(&it.endpoint.api, &settings.api));
            let unserved = routes.filter_map(|Route { integration, endpoint }| {
                let why = match integration {
                    Integration::Function(name) if is_known(name) => return None,
                    Integration::Function(name) => format!("the function `{name}`"),
                    Integration::Other(integration) => integration.clone(),
                    Integration::Missing => "no integration".to_owned(),
                };
                Some(format!("`{}` ({why})", endpoint.route_key()))
            });
            if let Some(list) = abridged(unserved.collect()) {
                let message =
                    format!("`{}` has routes that are not served: {list}", settings.api.name);
                let hint =
                    "only those that lead to a function of the template through `aws_proxy` are";
                diagnostics.warn(Diagnostic::new(settings.line, message).hint(hint));
            }
        }
        let unserved = resources.iter().filter(|Resource { kind, properties, .. }| match *kind {
            RAW_HTTP_API | RAW_REST_API => properties.get("DefinitionBody").is_none(),
            "AWS::Lambda::Url" => !self
                .urls
                .iter()
                .any(|(name, url)| std::ptr::eq(*url, properties) && is_known(name)),
            "AWS::Serverless::WebSocketApi"
            | "AWS::ApiGateway::Method"
            | "AWS::ApiGatewayV2::Route" => true,
            _ => false,
        });
        let unserved: Vec<_> = unserved.collect();
        let names = unserved.iter().map(|it| format!("`{}` (`{}`)", it.name, it.kind)).collect();
        if let (Some(first), Some(list)) = (unserved.first(), abridged(names)) {
            let hint = "describe the API with SAM's resources, or in an OpenAPI `Body`";
            let message = format!("not served: {list}");
            diagnostics.warn(Diagnostic::new(first.source.line, message).hint(hint));
        }
    }

    /// Returns the endpoints of a function.
    pub(super) fn endpoints(&self, function: &Resource<'_>) -> Vec<Endpoint> {
        let Resource { name, properties, .. } = function;
        let routes = self.routes.iter().filter(|route| match &route.integration {
            Integration::Function(target) => is_target(function, target),
            _ => false,
        });
        let mut endpoints: Vec<_> = routes.map(|route| route.endpoint.clone()).collect();
        endpoints.extend(properties.get("FunctionUrlConfig").map(|url| function_url(name, url)));
        let urls = self.urls.iter().filter(|(target, _)| is_target(function, target));
        endpoints.extend(urls.map(|(_, url)| function_url(name, url)));
        endpoints
    }
}

/// Reads whether SAM makes the integration of an event stream the response. SAM takes any other text for `BUFFERED`.
fn is_streamed(event: &Node, kind: ApiKind, diagnostics: &mut Diagnostics) -> bool {
    let mode = event.get("ResponseTransferMode").filter(|_| kind == ApiKind::Rest);
    let Some((mode, text)) = mode.and_then(|mode| Some((mode, mode.text()?))) else { return false };
    if !["BUFFERED", "RESPONSE_STREAM"].contains(&text) {
        let message = format!("`ResponseTransferMode` is `{text}`, which has no effect");
        let hint = "write `RESPONSE_STREAM` to stream responses, or else `BUFFERED`";
        diagnostics.warn(Diagnostic::new(mode.line, message).hint(hint));
    }
    text == "RESPONSE_STREAM"
}

/// Reads the integration timeout of a route.
fn integration_timeout(
    endpoint: &Endpoint,
    properties: &Node,
    name: &str,
) -> ReadResult<Option<Duration>> {
    let range = match endpoint.api.kind {
        // <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-integration.html>
        ApiKind::Http => 50..=30_000,
        // Of a stream, it can be 15 minutes:
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-streaming-http.html>.
        // Otherwise the quota is 29 seconds, which can be raised for regional and private APIs:
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
        _ => 50..=900_000,
    };
    let milliseconds =
        function::number(&endpoint.route_key(), properties, name, range, "milliseconds")?;
    Ok(milliseconds.map(|number| Duration::from_millis(number.into())))
}

/// Checks whether a resource is the function with this name.
fn is_target(resource: &Resource<'_>, name: &str) -> bool {
    let Resource { name: id, kind, properties, .. } = resource;
    is_function(kind) && (*id == name || properties.text_of("FunctionName") == Some(name))
        || *kind == STATE_MACHINE && *id == name
}

/// Lists the first few of the names.
fn abridged(mut names: Vec<String>) -> Option<String> {
    const MAX: usize = 5;
    let more = names.len().saturating_sub(MAX);
    names.truncate(MAX);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// Returns the routes in the definition of an API.
fn defined_routes(
    api: &Arc<Api>,
    authorizers: &Authorizers,
    properties: &Node,
    diagnostics: &mut Diagnostics,
) -> Vec<Route> {
    let mut routes = Vec::new();
    let paths = properties.find(&["DefinitionBody", "paths"]).map(Node::entries);
    for (path, methods) in paths.unwrap_or_default() {
        let path = match path.as_str() {
            "/$default" if api.kind == ApiKind::Http => "$default",
            path => path,
        };
        for (method, operation) in methods.entries() {
            // `parameters` and the like are not methods.
            let Ok(method) = parse_method(method) else { continue };
            let integration = operation.get("x-amazon-apigateway-integration").unwrap_or(&NULL);
            let version = integration.text_of("payloadFormatVersion");
            let is_v2 = api.kind == ApiKind::Http && version == Some("2.0");
            let endpoint = Endpoint {
                api: Arc::clone(api),
                path: path.to_owned(),
                payload_format: if is_v2 { PayloadFormat::V2 } else { PayloadFormat::V1 },
                is_streamed: api.kind == ApiKind::Rest
                    && integration.text_of("responseTransferMode") == Some("STREAM"),
                integration_timeout: None,
                authorizer: authorizers.of_operation(method.as_ref(), operation),
                preflight_authorizer: authorizers.default_of(Some(&Method::OPTIONS)),
                method,
            };
            let timeout = integration_timeout(&endpoint, integration, "timeoutInMillis");
            let endpoint =
                Endpoint { integration_timeout: diagnostics.recover(timeout), ..endpoint };
            routes.push(Route { integration: defined_integration(integration), endpoint });
        }
    }
    routes
}

/// Reads the integration of an operation.
fn defined_integration(integration: &Node) -> Integration {
    if integration.entries().is_empty() {
        return Integration::Missing;
    }
    let kind = integration.text_of("type").unwrap_or("aws_proxy");
    let uri = integration.get("uri");
    match uri.and_then(Node::text).and_then(arn::function_name) {
        Some(function) if kind.eq_ignore_ascii_case("aws_proxy") => {
            Integration::Function(function.to_owned())
        }
        _ => Integration::Other(match (kind, integration.text_of("integrationSubtype")) {
            (_, Some(subtype)) => format!("`{subtype}`"),
            (kind, None) => format!("`{kind}`"),
        }),
    }
}

/// Parses a method as events and definitions write it; `None` stands for any method.
fn parse_method(text: &str) -> Result<Option<Method>, String> {
    let text = text.to_ascii_uppercase();
    match text.as_str() {
        "ANY" | "*" | "X-AMAZON-APIGATEWAY-ANY-METHOD" => Ok(None),
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => {
            Ok(Method::from_bytes(text.as_bytes()).ok())
        }
        _ => Err(format!("`Method` is `{text}`; expected an HTTP method or `any`")),
    }
}

fn api(name: &str, kind: ApiKind, default_stage: &str, properties: &Node) -> Api {
    let variables = if kind == ApiKind::Http { "StageVariables" } else { "Variables" };
    let stage_variables = properties
        .entries_of(variables)
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
        .collect();
    let cors = match kind {
        ApiKind::Http => http_api_cors(properties),
        _ => properties.get("Cors").and_then(rest_cors),
    };
    let mut binary_media_types = properties.texts_of("BinaryMediaTypes");
    binary_media_types.extend(openapi::binary_media_types(properties));
    for media_type in &mut binary_media_types {
        // `CloudFormation` accepts `~1` for `/`.
        *media_type = media_type.replace("~1", "/");
    }
    Api {
        name: name.to_owned(),
        kind,
        stage: properties.text_of("StageName").unwrap_or(default_stage).to_owned(),
        stage_variables,
        cors,
        binary_media_types,
    }
}

fn function_url(function: &str, url: &Node) -> Endpoint {
    let api = Api {
        name: function.to_owned(),
        kind: ApiKind::FunctionUrl { stream: url.text_of("InvokeMode") == Some("RESPONSE_STREAM") },
        cors: url.get("Cors").and_then(http_cors),
        ..Api::default()
    };
    let authorizer = authorizer::of_function_url(url);
    Endpoint { api: Arc::new(api), authorizer, ..Endpoint::default() }
}

/// Reads the CORS configuration of an HTTP API. `CorsConfiguration` overrides what its definition says.
fn http_api_cors(properties: &Node) -> Option<Cors> {
    let own = properties.get("CorsConfiguration");
    let Some(definition) = openapi::cors(properties) else { return own.and_then(http_cors) };
    let mut merged = Node { line: definition.line, value: NodeValue::Map(Vec::new()) };
    for (name, value) in definition.entries() {
        // `allowOrigins` is `AllowOrigins` in a template.
        merged.set(&name.to_upper_camel_case(), value.clone());
    }
    for (name, value) in own.map(Node::entries).unwrap_or_default() {
        merged.set(name, value.clone());
    }
    if own.is_some_and(|own| own.text() == Some("true")) {
        let value = NodeValue::Text("*".to_owned());
        merged.set("AllowOrigins", Node { line: merged.line, value });
    }
    http_cors(&merged)
}

/// Reads the CORS configuration of an HTTP API or a function URL; `true` allows every origin.
fn http_cors(cors: &Node) -> Option<Cors> {
    match cors.text() {
        Some("true") => {
            return Some(Cors { allow_origins: vec!["*".to_owned()], ..Cors::default() });
        }
        Some(_) => return None,
        None => {}
    }
    Some(Cors {
        allow_origins: cors.texts_of("AllowOrigins"),
        allow_methods: cors.texts_of("AllowMethods"),
        allow_headers: cors.texts_of("AllowHeaders"),
        expose_headers: cors.texts_of("ExposeHeaders"),
        allow_credentials: cors.is_true("AllowCredentials"),
        max_age: cors.text_of("MaxAge").and_then(|age| age.parse().ok()),
    })
}

/// Reads the CORS configuration of a REST API: one origin, or a map of header values. The values are
/// in single quotes.
fn rest_cors(cors: &Node) -> Option<Cors> {
    let unquoted = |text: &str| text.trim_matches('\'').to_owned();
    let value = |name| cors.text_of(name).map(unquoted);
    let list = |name| match value(name) {
        Some(list) => list.split(',').map(|item| item.trim().to_owned()).collect(),
        None => Vec::new(),
    };
    if let Some(origin) = cors.text() {
        return Some(Cors { allow_origins: vec![unquoted(origin)], ..Cors::default() });
    }
    // SAM ignores an empty map.
    if cors.entries().is_empty() {
        return None;
    }
    Some(Cors {
        allow_origins: vec![value("AllowOrigin").unwrap_or_else(|| "*".to_owned())],
        allow_methods: list("AllowMethods"),
        allow_headers: list("AllowHeaders"),
        expose_headers: Vec::new(),
        allow_credentials: cors.is_true("AllowCredentials"),
        max_age: value("MaxAge").and_then(|age| age.parse().ok()),
    })
}
