//! The resources of a template, with `Globals` merged into their properties.

use super::diagnostics::ReadResult;
use super::intrinsics::{Scope, is_function};
use super::nested;
use super::yaml::{NULL, Node, NodeValue};

pub(super) const HTTP_API: &str = "AWS::Serverless::HttpApi";
pub(super) const REST_API: &str = "AWS::Serverless::Api";
/// The types that SAM translates these into, which templates can contain too.
pub(super) const RAW_HTTP_API: &str = "AWS::ApiGatewayV2::Api";
pub(super) const RAW_REST_API: &str = "AWS::ApiGateway::RestApi";

pub(super) struct Resource<'a> {
    /// Its logical id.
    pub(super) name: &'a str,
    /// `AWS::Serverless::Function`, for example.
    pub(super) kind: &'a str,
    /// The resource as it is written.
    pub(super) source: &'a Node,
    /// Its resolved properties, with `Globals`.
    pub(super) properties: Node,
    /// The same without stand-ins for what only a deployment knows, for functions and nested applications.
    pub(super) exact: Node,
}

/// A scope, and `Globals` as they are resolved in it.
pub(super) struct Resolver<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) globals: Node,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(template: &Node, scope: Scope<'a>) -> ReadResult<Self> {
        let globals = scope.resolve(template.get("Globals").unwrap_or(&NULL))?;
        Ok(Self { scope, globals })
    }

    /// Resolves the properties of a resource and adds `Globals`.
    fn properties(&self, kind: &str, source: &Node) -> ReadResult<Node> {
        let properties = self.scope.resolve(source.get("Properties").unwrap_or(&NULL))?;
        let section = globals_section(kind).and_then(|section| self.globals.get(section));
        let Some(globals) = section else { return Ok(properties) };
        self.scope.add(source.line, globals.size())?;
        Ok(merge(&not_ignored(globals, source), &properties))
    }
}

/// Returns the resources whose conditions are not false.
pub(super) fn list<'a>(
    template: &'a Node,
    resolver: &Resolver<'_>,
    exact: &Resolver<'_>,
) -> ReadResult<Vec<Resource<'a>>> {
    let mut resources = Vec::new();
    for (name, source) in template.entries_of("Resources") {
        let Some(kind) = source.text_of("Type") else { continue };
        if let Some(condition) = source.text_of("Condition")
            && resolver.scope.condition(condition)? == Some(false)
        {
            continue;
        }
        let properties = resolver.properties(kind, source)?;
        let is_api = matches!(kind, HTTP_API | RAW_HTTP_API);
        let exact = if is_function(kind) || is_api || nested::location(kind).is_some() {
            exact.properties(kind, source)?
        } else {
            NULL.clone()
        };
        resources.push(Resource { name, kind, source, properties, exact });
    }
    Ok(resources)
}

/// The section of `Globals` for resources of a type.
fn globals_section(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::Serverless::Function" => Some("Function"),
        HTTP_API => Some("HttpApi"),
        REST_API => Some("Api"),
        _ => None,
    }
}

/// Leaves out the globals that the resource's attribute `IgnoreGlobals` names; `*` stands for all of them.
fn not_ignored(globals: &Node, source: &Node) -> Node {
    let ignored = source.texts_of("IgnoreGlobals");
    let is_ignored = |name: &String| ignored.contains(name) || ignored.iter().any(|it| it == "*");
    let entries = globals.entries().iter().filter(|(name, _)| !is_ignored(name)).cloned();
    Node { line: globals.line, value: NodeValue::Map(entries.collect()) }
}

/// Merges `Globals` with a resource's own properties as SAM does: maps by name, lists by appending, and
/// for anything else the resource's own value wins.
fn merge(globals: &Node, own: &Node) -> Node {
    let value = match (&globals.value, &own.value) {
        (NodeValue::Map(globals), NodeValue::Map(entries)) => {
            let mut merged = entries.clone();
            for (name, global) in globals {
                match merged.iter_mut().find(|(other, _)| other == name) {
                    // Lambda accepts only one.
                    Some(_) if name == "Architectures" => {}
                    Some((_, own)) => *own = merge(global, own),
                    None => merged.push((name.clone(), global.clone())),
                }
            }
            NodeValue::Map(merged)
        }
        (NodeValue::List(globals), NodeValue::List(items)) => {
            NodeValue::List(globals.iter().chain(items).cloned().collect())
        }
        (global, NodeValue::Null) => global.clone(),
        (_, own) => own.clone(),
    };
    Node { line: own.line, value }
}
