//! An API's own definition, in `OpenAPI`: in the template, or in a file that it names.

use std::fs;
use std::sync::Arc;

use super::authorizer::Auth;
use super::document::{self, Node, Value};
use super::endpoint::method;
use super::intrinsic::Scope;
use super::locate;
use super::problem::{Notes, Problem, Read};
use super::{Api, Endpoint, Kind, Payload};

/// The definition of the API `name`, where it has one: `raw` are its properties as they are written,
/// `properties` what they are, after those for all such APIs.
pub(super) fn read(
    name: &str,
    raw: &Node,
    properties: &Node,
    scope: &Scope<'_>,
    notes: &mut Notes,
) -> Read<Option<Node>> {
    let include = raw.find(&["DefinitionBody", "Fn::Transform"]).map(|it| scope.resolve(it));
    let include = include.transpose()?;
    let include = include.as_ref().filter(|it| it.text_of("Name") == Some("AWS::Include"));
    let location = match include.and_then(|include| include.find(&["Parameters", "Location"])) {
        Some(location) => location,
        None => match (properties.get("DefinitionBody"), properties.get("DefinitionUri")) {
            (Some(body @ Node { value: Value::Unknown(_), .. }), _) => body,
            (Some(body), _) => return Ok(Some(body.clone())),
            (None, Some(location)) => location,
            (None, None) => return Ok(None),
        },
    };
    let left_out = |what: &str, hint| {
        let message = format!("what `{name}` has routes for is not all known: {what}");
        Problem::at(location.line, message).hint(hint)
    };
    let file = match locate::file(notes.folder(), location) {
        Ok(file) => file,
        Err(place) => {
            let what = format!("its definition is `{place}`, which is no file here");
            notes.warn(left_out(&what, "name a local file: `sam deploy` uploads it"));
            return Ok(None);
        }
    };
    notes.files.push(file.clone());
    match fs::read_to_string(&file) {
        Ok(text) => {
            let definition = document::read(&text).and_then(|it| scope.resolve(&it));
            definition.map(Some).map_err(|problem| problem.of(&file))
        }
        Err(error) => {
            let what = format!("`{}` cannot be read: {error}", file.display());
            notes.warn(left_out(&what, "paths start from the template's folder"));
            Ok(None)
        }
    }
}

/// The functions that a definition leads to, and how.
pub(super) fn endpoints(api: &Arc<Api>, auth: &Auth, properties: &Node) -> Vec<(String, Endpoint)> {
    let paths = properties.find(&["DefinitionBody", "paths"]).map(Node::entries);
    let mut endpoints = Vec::new();
    for (path, methods) in paths.unwrap_or_default() {
        let path = match path.as_str() {
            "/$default" if api.kind == Kind::Http => "$default",
            path => path,
        };
        for (name, operation) in methods.entries() {
            let integration = operation.get("x-amazon-apigateway-integration");
            let text = |name: &str| integration.and_then(|it| it.text_of(name));
            let name = Node { line: operation.line, value: Value::Text(name.clone()) };
            // `parameters` and the like are no methods.
            let (Some(uri), Ok(method)) = (text("uri"), method(&name)) else { continue };
            let Some(function) = function(uri) else { continue };
            let is_v2 = api.kind == Kind::Http && text("payloadFormatVersion") == Some("2.0");
            let payload = if is_v2 { Payload::V2 } else { Payload::V1 };
            let path = path.to_owned();
            let authorizer = auth.of_operation(operation);
            let endpoint = Endpoint { api: Arc::clone(api), method, path, payload, authorizer };
            endpoints.push((function.to_owned(), endpoint));
        }
    }
    endpoints
}

/// The types of bodies that a definition has handed over in base64.
pub(super) fn binary_media_types(properties: &Node) -> Vec<String> {
    let path = ["DefinitionBody", "x-amazon-apigateway-binary-media-types"];
    properties.find(&path).map(Node::texts).unwrap_or_default()
}

/// How callers say who they are, by name.
pub(super) fn security_schemes(properties: &Node) -> &[(String, Node)] {
    let schemes = properties
        .find(&["DefinitionBody", "components", "securitySchemes"])
        // As in OpenAPI 2.
        .or_else(|| properties.find(&["DefinitionBody", "securityDefinitions"]));
    schemes.map(Node::entries).unwrap_or_default()
}

/// The name of the scheme of operations that name none.
pub(super) fn default_security(properties: &Node) -> Option<&str> {
    properties.find(&["DefinitionBody", "security"]).and_then(first_scheme)
}

/// The name in `[{Name: []}]`; API Gateway takes no more than one.
pub(super) fn first_scheme(security: &Node) -> Option<&str> {
    let (name, _) = security.items().first()?.entries().first()?;
    Some(name)
}

/// The name of the function in its ARN, or in the URI of an integration, which has it in the middle.
pub(super) fn function(arn: &str) -> Option<&str> {
    arn.split_once(":function:")?.1.split(['/', ':']).next()
}
