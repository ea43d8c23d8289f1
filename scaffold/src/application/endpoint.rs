//! What leads requests to functions: APIs, the events that name them, and function URLs.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;

use super::authorizer::{self, Auth};
use super::definition;
use super::document::{Node, Value};
use super::problem::{Notes, Problem, Read};
use super::{Api, Cors, Endpoint, Kind, Payload};

/// The APIs that SAM makes where an event names none.
const IMPLICIT_HTTP: &str = "ServerlessHttpApi";
const IMPLICIT_REST: &str = "ServerlessRestApi";

/// SAM's types of APIs.
pub(super) const HTTP_API: &str = "AWS::Serverless::HttpApi";
pub(super) const REST_API: &str = "AWS::Serverless::Api";

/// The APIs of a template.
pub(super) struct Apis {
    apis: BTreeMap<String, (Arc<Api>, Auth)>,
    /// What each function's own definition of an API, in `OpenAPI`, says.
    defined: Vec<(String, Endpoint)>,
}

impl Apis {
    /// Reads those among `resources`, which have their names, types and properties; those that SAM
    /// makes have what is in `globals`.
    pub(super) fn read<'a>(
        resources: impl Iterator<Item = (&'a str, &'a str, &'a Node)> + Clone,
        globals: &Node,
        notes: &mut Notes,
    ) -> Self {
        let mut all = Self { apis: BTreeMap::new(), defined: Vec::new() };
        let none = Node { line: 0, value: Value::Null };
        let events = resources.clone().filter_map(|(.., properties)| properties.get("Events"));
        for (name, kind, section) in
            [(IMPLICIT_HTTP, HTTP_API, "HttpApi"), (IMPLICIT_REST, REST_API, "Api")]
        {
            let is_named = |(_, event): &(String, Node)| {
                let reference = if kind == HTTP_API { "ApiId" } else { "RestApiId" };
                event.text_of("Type") == Some(section)
                    && event
                        .find(&["Properties", reference])
                        .is_none_or(|id| id.text() == Some(name))
            };
            if events.clone().flat_map(Node::entries).any(is_named) {
                all.add(name, kind, globals.get(section).unwrap_or(&none), notes);
            }
        }
        resources.for_each(|(name, kind, properties)| all.add(name, kind, properties, notes));
        all
    }

    /// Adds a resource, if it is an API.
    fn add(&mut self, name: &str, kind: &str, properties: &Node, notes: &mut Notes) {
        let api = match kind {
            HTTP_API => api(name, Kind::Http, "$default", properties),
            REST_API => api(name, Kind::Rest, "Prod", properties),
            _ => return,
        };
        let auth = Auth::read(&api, properties, notes);
        self.defined.extend(definition::endpoints(&api, &auth, properties));
        self.apis.insert(name.to_owned(), (api, auth));
    }

    /// What leads to the function `name`, whose properties these are.
    pub(super) fn endpoints(
        &self,
        name: &str,
        properties: &Node,
        notes: &mut Notes,
    ) -> Vec<Endpoint> {
        let mut endpoints = Vec::new();
        for (_, event) in properties.get("Events").map(Node::entries).unwrap_or_default() {
            let empty = Node { line: event.line, value: Value::Null };
            let own = event.get("Properties").unwrap_or(&empty);
            let endpoint = match event.get("Type").and_then(Node::text) {
                Some("HttpApi") => self.event(own, Kind::Http, "ApiId", IMPLICIT_HTTP),
                Some("Api") => self.event(own, Kind::Rest, "RestApiId", IMPLICIT_REST),
                _ => continue,
            };
            endpoints.extend(notes.keep(endpoint.map(Some)));
        }
        let own = properties.text_of("FunctionName");
        let is_own = |function: &String| *function == name || Some(function.as_str()) == own;
        for (_, endpoint) in self.defined.iter().filter(|(function, _)| is_own(function)) {
            // An event may name what the definition has as well.
            endpoints.retain(|event| !event.is_beside(endpoint) || event.method != endpoint.method);
            endpoints.push(endpoint.clone());
        }
        endpoints.extend(properties.get("FunctionUrlConfig").map(|url| function_url(name, url)));
        endpoints
    }

    fn event(&self, event: &Node, kind: Kind, reference: &str, implicit: &str) -> Read<Endpoint> {
        let id = match event.get(reference) {
            None => implicit,
            Some(Node { value: Value::Text(id) | Value::Unknown(id), .. }) => id,
            Some(_) => "",
        };
        let Some((api, auth)) = self.apis.get(id).filter(|(api, _)| api.kind == kind) else {
            let line = event.get(reference).map_or(event.line, |node| node.line);
            let kind = if kind == Kind::Http { "HttpApi" } else { "Api" };
            return Err(Problem::at(
                line,
                format!("`{reference}` is `{id}`, which is no `AWS::Serverless::{kind}` here"),
            )
            .hint("name one of the template's own APIs, or leave it out for the one SAM makes"));
        };
        let path = match event.get("Path").and_then(Node::text) {
            None | Some("$default") if kind == Kind::Http => "$default",
            Some(path) if path.starts_with('/') => path,
            found => {
                let found = found.map_or("missing".to_owned(), |found| format!("`{found}`"));
                let message = format!("`Path` is {found}, and must start with `/`");
                return Err(Problem::at(event.get("Path").unwrap_or(event).line, message));
            }
        };
        let is_v1 = event.get("PayloadFormatVersion").and_then(Node::text) == Some("1.0");
        Ok(Endpoint {
            payload: if is_v1 || kind == Kind::Rest { Payload::V1 } else { Payload::V2 },
            method: event.get("Method").map(method).transpose()?.flatten(),
            path: path.to_owned(),
            authorizer: auth.of_event(id, event)?,
            api: Arc::clone(api),
        })
    }
}

pub(super) fn method(node: &Node) -> Read<Option<Method>> {
    let text = node.text().unwrap_or_default().to_ascii_uppercase();
    if matches!(text.as_str(), "ANY" | "*" | "X-AMAZON-APIGATEWAY-ANY-METHOD") {
        return Ok(None);
    }
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = known.contains(&text.as_str()).then(|| Method::from_bytes(text.as_bytes()).ok());
    found.flatten().map(Some).ok_or_else(|| {
        Problem::at(node.line, format!("`Method` is `{text}`, not one of HTTP's, or `any`"))
    })
}

fn api(name: &str, kind: Kind, stage: &str, properties: &Node) -> Arc<Api> {
    let variables = if kind == Kind::Http { "StageVariables" } else { "Variables" };
    let variables = properties.get(variables).map(Node::entries).unwrap_or_default();
    let stage_variables = variables
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
        .collect();
    let cors = match kind {
        Kind::Http => properties.get("CorsConfiguration").and_then(http_cors),
        _ => properties.get("Cors").and_then(rest_cors),
    };
    let mut binary = properties.get("BinaryMediaTypes").map(Node::texts).unwrap_or_default();
    binary.extend(definition::binary_media_types(properties));
    Arc::new(Api {
        name: name.to_owned(),
        kind,
        stage: properties.text_of("StageName").unwrap_or(stage).to_owned(),
        stage_variables,
        cors,
        // As `CloudFormation` wants them, `~1` stands for `/`.
        binary_media_types: binary.iter().map(|kind| kind.replace("~1", "/")).collect(),
    })
}

fn function_url(function: &str, url: &Node) -> Endpoint {
    let stream = url.get("InvokeMode").and_then(Node::text) == Some("RESPONSE_STREAM");
    let api = Api {
        name: function.to_owned(),
        kind: Kind::FunctionUrl { stream },
        stage: "$default".to_owned(),
        stage_variables: BTreeMap::new(),
        cors: url.get("Cors").and_then(http_cors),
        binary_media_types: Vec::new(),
    };
    let path = "$default".to_owned();
    let authorizer = authorizer::of_function_url(url);
    Endpoint { api: Arc::new(api), method: None, path, payload: Payload::V2, authorizer }
}

/// `true` is every origin.
fn http_cors(node: &Node) -> Option<Cors> {
    match node.text() {
        Some("true" | "True") => {
            return Some(Cors { origins: vec!["*".to_owned()], ..Cors::default() });
        }
        Some(_) => return None,
        None => {}
    }
    let texts = |name: &str| node.get(name).map(Node::texts).unwrap_or_default();
    Some(Cors {
        origins: texts("AllowOrigins"),
        methods: texts("AllowMethods"),
        headers: texts("AllowHeaders"),
        exposed: texts("ExposeHeaders"),
        credentials: is_true(node.get("AllowCredentials")),
        max_age: node.get("MaxAge").and_then(Node::text).and_then(|age| age.parse().ok()),
    })
}

/// One origin, or a map of headers; each value is the header's own, in quotes of its own.
fn rest_cors(node: &Node) -> Option<Cors> {
    let unquoted = |node: &Node| node.text().map(|text| text.trim_matches('\'').to_owned());
    let list = |name: &str| {
        let header = node.get(name).and_then(unquoted);
        header.into_iter().flat_map(|header| {
            header.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>()
        })
    };
    if let Some(origin) = unquoted(node) {
        return Some(Cors { origins: vec![origin], ..Cors::default() });
    }
    let origin = node.get("AllowOrigin").and_then(unquoted)?;
    Some(Cors {
        origins: vec![origin],
        methods: list("AllowMethods").collect(),
        headers: list("AllowHeaders").collect(),
        exposed: Vec::new(),
        credentials: is_true(node.get("AllowCredentials")),
        max_age: node.get("MaxAge").and_then(unquoted).and_then(|age| age.parse().ok()),
    })
}

fn is_true(node: Option<&Node>) -> bool {
    matches!(node.and_then(Node::text), Some("true" | "True"))
}
