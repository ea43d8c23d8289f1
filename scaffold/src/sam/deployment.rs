//! Reads the settings of a function that only a deployment needs, and finds the parts of a template that only
//! SAM can deploy.

use std::collections::BTreeMap;

use super::resource::{HTTP_API, Resolver, Resource};
use super::yaml::{Node, NodeValue};

/// The settings of a function that only a deployment needs. Those that the template does not set are absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeploymentSettings {
    pub(crate) runtime: Option<String>,
    pub(crate) memory_mb: Option<u32>,
    /// In seconds.
    pub(crate) timeout: Option<u32>,
    pub(crate) ephemeral_storage_mb: Option<u32>,
    pub(crate) description: Option<String>,
    /// The ARN of the execution role.
    pub(crate) role: Option<String>,
    /// `LogFormat`, `ApplicationLogLevel`, `SystemLogLevel` and `LogGroup`.
    pub(crate) logging: BTreeMap<String, String>,
    pub(crate) tracing: Option<bool>,
    pub(crate) tags: BTreeMap<String, String>,
    /// `AutoPublishAlias`.
    pub(crate) alias: Option<String>,
    /// The template has `Environment`, if only without variables.
    pub(crate) has_environment: bool,
    pub(crate) image: ImageSource,
    /// The parts that concern the endpoints of the function, and that only SAM can deploy.
    pub(crate) endpoint_parts: Vec<SamPart>,
    /// The other parts that only SAM can deploy.
    pub(crate) parts: Vec<SamPart>,
}

/// The way in which SAM builds the image of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImageSource {
    pub(crate) dockerfile: Option<String>,
    /// The stage of the `Dockerfile`.
    pub(crate) target: Option<String>,
    pub(crate) build_arguments: BTreeMap<String, String>,
}

/// A part of a template that only SAM can deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SamPart {
    pub(crate) line: usize,
    /// Such as "`Layers`".
    pub(crate) what: String,
    /// The flag that replaces it.
    pub(crate) flag: Option<&'static str>,
}

/// The properties that are read here, or elsewhere into the model.
const DEPLOYED: [&str; 25] = [
    "Architectures",
    "AutoPublishAlias",
    "Code",
    "CodeUri",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Events",
    "FunctionName",
    "FunctionUrlConfig",
    "Handler",
    "ImageConfig",
    "ImageUri",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "Policies",
    "Role",
    "Runtime",
    "Tags",
    "Timeout",
    "Tracing",
    "TracingConfig",
    // They concern how SAM deploys, not what.
    "AutoPublishCodeSha256",
    "PropagateTags",
];

/// The flags for values that only a deployment with SAM knows.
const FLAGS: [(&str, &str); 8] = [
    ("FunctionName", "--function-name"),
    ("Handler", "--handler"),
    ("MemorySize", "--memory"),
    ("Policies", "--role"),
    ("Role", "--role"),
    ("Timeout", "--timeout"),
    ("Tracing", "--tracing"),
    ("TracingConfig", "--tracing"),
];

/// The properties of events of an HTTP API that a deployment without SAM knows.
const EVENT_PROPERTIES: [&str; 4] = ["ApiId", "Method", "Path", "PayloadFormatVersion"];
const API_PROPERTIES: [&str; 6] = [
    "CorsConfiguration",
    "DefinitionBody",
    "DefinitionUri",
    "FailOnWarnings",
    "Name",
    "Description",
];

/// Reads the settings of a function.
pub(super) fn read(
    function: &Resource<'_>,
    resources: &[Resource<'_>],
    resolver: &Resolver<'_>,
) -> DeploymentSettings {
    let properties = &function.exact;
    let text = |name: &str| properties.text_of(name).map(str::to_owned);
    let number = |node: Option<&Node>| node?.text()?.trim_end_matches(".0").parse().ok();
    let tracing = properties.text_of("Tracing");
    let tracing = tracing.or_else(|| properties.find(&["TracingConfig", "Mode"])?.text());
    let metadata = function.source.get("Metadata");
    let build = |name: &str| metadata?.text_of(name).map(str::to_owned);
    DeploymentSettings {
        runtime: text("Runtime"),
        memory_mb: number(properties.get("MemorySize")),
        timeout: number(properties.get("Timeout")),
        ephemeral_storage_mb: number(properties.find(&["EphemeralStorage", "Size"])),
        description: text("Description"),
        role: text("Role"),
        logging: texts(properties.get("LoggingConfig")),
        tracing: tracing.map(|mode| mode == "Active"),
        tags: tags(properties.get("Tags")),
        alias: text("AutoPublishAlias"),
        has_environment: properties.get("Environment").is_some(),
        image: ImageSource {
            dockerfile: build("Dockerfile"),
            target: build("DockerBuildTarget"),
            build_arguments: texts(metadata.and_then(|it| it.get("DockerBuildArgs"))),
        },
        endpoint_parts: endpoint_parts(function, resources, resolver),
        parts: parts(function),
    }
}

/// Returns the entries of a map that are texts.
fn texts(map: Option<&Node>) -> BTreeMap<String, String> {
    let entries = map.map(Node::entries).unwrap_or_default().iter();
    entries.filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned()))).collect()
}

/// Reads tags: a map, or a list as `CloudFormation` has it.
fn tags(node: Option<&Node>) -> BTreeMap<String, String> {
    let items = node.map(Node::items).unwrap_or_default().iter();
    let tag = |it: &Node| Some((it.text_of("Key")?.to_owned(), it.text_of("Value")?.to_owned()));
    texts(node).into_iter().chain(items.filter_map(tag)).collect()
}

/// Finds the properties and events of a function that only SAM can deploy.
fn parts(function: &Resource<'_>) -> Vec<SamPart> {
    let mut parts = Vec::new();
    for (name, value) in function.exact.entries() {
        let flag = FLAGS.iter().find(|(property, _)| property == name).map(|(_, flag)| *flag);
        let mut add = |what: String| parts.push(SamPart { line: value.line, what, flag });
        match (name.as_str(), unknown(value)) {
            // They have checks of their own.
            ("Events" | "Environment" | "Architectures" | "FunctionUrlConfig", _) => {}
            ("ImageConfig", None) => {
                let others = value.entries().iter().filter(|(name, _)| name != "Command");
                for (name, _) in others {
                    add(format!("`{name}` of `ImageConfig`"));
                }
            }
            ("Policies", _) => add("`Policies`".to_owned()),
            (name, Some(call)) if DEPLOYED.contains(&name) => {
                add(format!("`{name}: {call}`, whose value SAM knows"));
            }
            (name, None) if DEPLOYED.contains(&name) => {}
            (name, _) => add(format!("`{name}`")),
        }
    }
    for (name, event) in function.exact.entries_of("Events") {
        let kind = event.text_of("Type").unwrap_or_default();
        if !["HttpApi", "Api"].contains(&kind) {
            let what = format!("the event `{name}` (`{kind}`)");
            parts.push(SamPart { line: event.line, what, flag: None });
        }
    }
    parts
}

/// Finds the parts of the function's HTTP APIs that only SAM can deploy.
fn endpoint_parts(
    function: &Resource<'_>,
    resources: &[Resource<'_>],
    resolver: &Resolver<'_>,
) -> Vec<SamPart> {
    let mut parts = Vec::new();
    let mut add = |line, what| {
        let part = SamPart { line, what, flag: None };
        if !parts.contains(&part) {
            parts.push(part);
        }
    };
    for (name, event) in function.properties.entries_of("Events") {
        let properties = event.get("Properties");
        if event.text_of("Type") != Some("HttpApi") {
            continue;
        }
        for (property, value) in properties.map(Node::entries).unwrap_or_default() {
            if !EVENT_PROPERTIES.contains(&property.as_str()) {
                add(value.line, format!("`{property}` of the event `{name}`"));
            }
        }
        let id = properties.and_then(|it| it.text_of("ApiId"));
        let is_api = |it: &&Resource<'_>| it.kind == HTTP_API && Some(it.name) == id;
        let (api, settings) = match resources.iter().find(is_api) {
            Some(api) => (api.name, Some(&api.properties)),
            None => ("HttpApi", resolver.globals.get("HttpApi")),
        };
        for (property, value) in settings.map(Node::entries).unwrap_or_default() {
            if !API_PROPERTIES.contains(&property.as_str()) {
                add(value.line, format!("`{property}` of the API `{api}`"));
            }
        }
    }
    parts
}

/// Finds the first call in a value that only a deployment can evaluate.
fn unknown(node: &Node) -> Option<&str> {
    match &node.value {
        NodeValue::Unknown(call) => Some(call),
        NodeValue::List(items) => items.iter().find_map(unknown),
        NodeValue::Map(entries) => entries.iter().find_map(|(_, value)| unknown(value)),
        NodeValue::Null | NodeValue::Text(_) => None,
    }
}
