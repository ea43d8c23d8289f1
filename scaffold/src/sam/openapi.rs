//! An API's own `OpenAPI` definition, in the template or in a file that it refers to.

use super::diagnostics::{Diagnostics, ReadResult};
use super::intrinsics::Scope;
use super::location;
use super::resource::Resource;
use super::yaml;
use super::yaml::{Node, NodeValue};

/// Returns the definition of an API, if it has one.
pub(super) fn read(
    api: &Resource<'_>,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> ReadResult<Option<Node>> {
    let Resource { name, source, properties, .. } = api;
    // Only the source has it: resolving leaves nothing but the name of an unknown function.
    let transform = ["DefinitionBody", "Body"]
        .into_iter()
        .find_map(|body| source.find(&["Properties", body, "Fn::Transform"]));
    let transform = transform.map(|transform| scope.resolve(transform)).transpose()?;
    let include = transform.as_ref().filter(|it| it.text_of("Name") == Some("AWS::Include"));
    let location = match include.and_then(|include| include.find(&["Parameters", "Location"])) {
        Some(location) => location,
        None => match (
            properties.get("DefinitionBody").or_else(|| properties.get("Body")),
            properties.get("DefinitionUri").or_else(|| properties.get("BodyS3Location")),
        ) {
            (Some(body @ Node { value: NodeValue::Unknown(_), .. }), _) => body,
            (Some(body), _) => return Ok(Some(body.clone())),
            (None, Some(location)) => location,
            (None, None) => return Ok(None),
        },
    };
    let part = format!("routes of `{name}`");
    let file = location::read(location, &part, "OpenAPI definition", diagnostics);
    let Some((path, text)) = file else { return Ok(None) };
    diagnostics.files.push(path.clone());
    let definition = yaml::parse(&text).and_then(|it| scope.resolve(&it));
    definition.map(Some).map_err(|error| error.in_file(&path))
}

/// Returns the media types that the definition encodes in base64.
pub(super) fn binary_media_types(properties: &Node) -> Vec<String> {
    let path = ["DefinitionBody", "x-amazon-apigateway-binary-media-types"];
    properties.find(&path).map(Node::texts).unwrap_or_default()
}

/// Returns the security schemes by name.
pub(super) fn security_schemes(properties: &Node) -> &[(String, Node)] {
    let schemes = properties
        .find(&["DefinitionBody", "components", "securitySchemes"])
        // As in OpenAPI 2.
        .or_else(|| properties.find(&["DefinitionBody", "securityDefinitions"]));
    schemes.map(Node::entries).unwrap_or_default()
}

/// Returns the security of operations that do not have their own.
pub(super) fn security(properties: &Node) -> Option<&Node> {
    properties.find(&["DefinitionBody", "security"])
}

/// Returns the names in `[{Name: []}, {Other: []}]`.
pub(super) fn scheme_names(security: &Node) -> impl Iterator<Item = &str> {
    security.items().iter().flat_map(Node::entries).map(|(name, _)| name.as_str())
}

/// Returns the CORS configuration that the definition of an HTTP API contains.
pub(super) fn cors(properties: &Node) -> Option<&Node> {
    properties.find(&["DefinitionBody", "x-amazon-apigateway-cors"])
}
