//! What leads requests to functions: APIs, the events that name them, and function URLs.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;

use super::document::{Node, Value};
use super::problem::{Problem, Problems, Read};
use super::{Api, Cors, Endpoint, Kind, Payload};

/// The APIs that SAM makes where an event names none.
const IMPLICIT_HTTP: &str = "ServerlessHttpApi";
const IMPLICIT_REST: &str = "ServerlessRestApi";

/// The APIs of a template.
pub(super) struct Apis {
    apis: BTreeMap<String, Arc<Api>>,
    /// What each function's own definition of an API, in `OpenAPI`, says.
    defined: Vec<(String, Endpoint)>,
}

impl Apis {
    /// Reads those among `resources`, which have their names, types and properties, with the
    /// settings for all of a kind in `globals`.
    pub(super) fn read<'a>(
        resources: impl Iterator<Item = (&'a str, &'a str, Node)>,
        globals: &Node,
    ) -> Self {
        let none = || Node { line: 0, value: Value::Null };
        let mut apis = BTreeMap::new();
        let mut definitions = Vec::new();
        for (name, kind, stage) in
            [(IMPLICIT_HTTP, Kind::Http, "$default"), (IMPLICIT_REST, Kind::Rest, "Prod")]
        {
            apis.insert(name.to_owned(), api(name, kind, stage, &none(), globals));
        }
        for (name, kind, properties) in resources {
            let (kind, stage) = match kind {
                "AWS::Serverless::HttpApi" => (Kind::Http, "$default"),
                "AWS::Serverless::Api" => (Kind::Rest, "Prod"),
                _ => continue,
            };
            let api = api(name, kind, stage, &properties, globals);
            definitions.push((Arc::clone(&api), properties));
            apis.insert(name.to_owned(), api);
        }
        let defined = definitions.iter().flat_map(|(api, properties)| defined(api, properties));
        Self { defined: defined.collect(), apis }
    }

    /// What leads to the function `name`, whose properties these are.
    pub(super) fn endpoints(
        &self,
        name: &str,
        properties: &Node,
        problems: &mut Problems,
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
            endpoints.extend(problems.keep(endpoint.map(Some)));
        }
        let defined = self.defined.iter().filter(|(function, _)| function == name);
        endpoints.extend(defined.map(|(_, endpoint)| endpoint.clone()));
        endpoints.extend(properties.get("FunctionUrlConfig").map(|url| function_url(name, url)));
        endpoints
    }

    fn event(&self, event: &Node, kind: Kind, reference: &str, implicit: &str) -> Read<Endpoint> {
        let id = match event.get(reference) {
            None => implicit,
            Some(Node { value: Value::Text(id) | Value::Unknown(id), .. }) => id,
            Some(_) => "",
        };
        let Some(api) = self.apis.get(id).filter(|api| api.kind == kind) else {
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
            api: Arc::clone(api),
        })
    }
}

fn method(node: &Node) -> Read<Option<Method>> {
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

fn api(name: &str, kind: Kind, stage: &str, own: &Node, globals: &Node) -> Arc<Api> {
    let section = if kind == Kind::Http { "HttpApi" } else { "Api" };
    let globals = globals.get(section);
    let property = |name: &str| own.get(name).or_else(|| globals?.get(name));
    let text = |name: &str| property(name).and_then(Node::text);
    let variables = if kind == Kind::Http { "StageVariables" } else { "Variables" };
    let variables = [globals.and_then(|globals| globals.get(variables)), own.get(variables)];
    let stage_variables = variables
        .into_iter()
        .flatten()
        .flat_map(Node::entries)
        .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
        .collect();
    let cors = match kind {
        Kind::Http => property("CorsConfiguration").and_then(http_cors),
        _ => property("Cors").and_then(rest_cors),
    };
    let binary = property("BinaryMediaTypes").map(Node::texts).unwrap_or_default();
    Arc::new(Api {
        name: name.to_owned(),
        kind,
        stage: text("StageName").unwrap_or(stage).to_owned(),
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
    Endpoint { api: Arc::new(api), method: None, path, payload: Payload::V2 }
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

/// The functions that an API's own definition, in `OpenAPI`, leads to, and how.
fn defined(api: &Arc<Api>, properties: &Node) -> Vec<(String, Endpoint)> {
    let paths = properties.find(&["DefinitionBody", "paths"]).map(Node::entries);
    let mut endpoints = Vec::new();
    for (path, methods) in paths.unwrap_or_default() {
        for (name, operation) in methods.entries() {
            let integration = operation.get("x-amazon-apigateway-integration");
            let text = |name: &str| integration.and_then(|it| it.get(name)).and_then(Node::text);
            let name = Node { line: operation.line, value: Value::Text(name.clone()) };
            // `parameters` and the like are no methods.
            let (Some(uri), Ok(method)) = (text("uri"), method(&name)) else { continue };
            let Some((_, function)) = uri.split_once(":function:") else { continue };
            let function = function.split(['/', ':']).next().unwrap_or_default();
            let is_v2 = text("payloadFormatVersion") == Some("2.0");
            let payload = if is_v2 { Payload::V2 } else { Payload::V1 };
            let endpoint = Endpoint { api: Arc::clone(api), method, path: path.clone(), payload };
            endpoints.push((function.to_owned(), endpoint));
        }
    }
    endpoints
}
