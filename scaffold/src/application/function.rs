//! A function's properties.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Function;
use super::document::{Node, Value};
use super::problem::{Notes, Problem, Read};
use crate::lambda::Architecture;

/// Lambda's own defaults.
const TIMEOUT: u32 = 3;
const MEMORY_MB: u32 = 128;

/// Reads the function `name` whose resource and properties these are, without what leads to it.
pub(super) fn read(
    name: &str,
    resource: &Node,
    properties: &Node,
    notes: &mut Notes,
) -> Read<Function> {
    let text = |name: &str| properties.get(name).and_then(Node::text).map(str::to_owned);
    let metadata = |path: &[&str]| {
        let path: Vec<_> = ["Metadata"].iter().chain(path).copied().collect();
        resource.find(&path).and_then(Node::text)
    };
    let is_image = text("PackageType").as_deref() == Some("Image");
    let code = if is_image {
        metadata(&["DockerContext"]).map(str::to_owned)
    } else {
        // What is not a path is in a bucket.
        text("CodeUri").or_else(|| text("Code")).filter(|code| !code.contains("://"))
    };
    let timeout = notes.keep(number(name, properties, "Timeout", 1..=900, "seconds"));
    let memory_mb = notes.keep(number(name, properties, "MemorySize", 128..=10_240, "MB"));
    let variables = properties.find(&["Environment", "Variables"]).map(Node::entries);
    let mut environment = BTreeMap::new();
    let mut unknown = Vec::new();
    for (name, value) in variables.unwrap_or_default() {
        match &value.value {
            Value::Text(text) => drop(environment.insert(name.clone(), text.clone())),
            Value::Null => drop(environment.insert(name.clone(), String::new())),
            _ => unknown.push(name.clone()),
        }
    }
    // Lambda says by variables of its own how the function is to log.
    for (property, variable) in
        [("LogFormat", "AWS_LAMBDA_LOG_FORMAT"), ("ApplicationLogLevel", "AWS_LAMBDA_LOG_LEVEL")]
    {
        if let Some(text) = properties.find(&["LoggingConfig", property]).and_then(Node::text) {
            environment.insert(variable.to_owned(), text.to_owned());
        }
    }
    Ok(Function {
        name: name.to_owned(),
        function_name: text("FunctionName"),
        handler: text("Handler"),
        code: notes.folder().join(code.as_deref().unwrap_or(".")),
        architecture: architecture(name, properties)?,
        image_uri: text("ImageUri").filter(|_| is_image),
        is_image,
        timeout: Duration::from_secs(timeout.unwrap_or(TIMEOUT).into()),
        memory_mb: memory_mb.unwrap_or(MEMORY_MB),
        environment,
        unknown,
        binary: metadata(&["BuildProperties", "Binary"]).map(str::to_owned),
        endpoints: Vec::new(),
    })
}

/// Lambda's own default where the template says nothing; a problem within the result is that only a
/// deployment tells.
fn architecture(name: &str, properties: &Node) -> Read<Read<Architecture>> {
    let Some(list) = properties.get("Architectures") else { return Ok(Ok(Architecture::X86_64)) };
    let only = match list.items() {
        [only] => only,
        _ => list,
    };
    if let Value::Unknown(what) = &only.value {
        let message =
            format!("`Architectures` of `{name}` is `{what}`, which only a deployment tells");
        return Ok(Err(Problem::at(list.line, message).hint(
            "choose with `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`",
        )));
    }
    only.text().and_then(Architecture::from_name).map(Ok).ok_or_else(|| {
        Problem::at(
            list.line,
            format!("`Architectures` of `{name}` is not `[x86_64]` or `[arm64]`"),
        )
    })
}

/// A whole number; what cannot be told is as if it were not there.
fn number(
    function: &str,
    properties: &Node,
    name: &str,
    range: std::ops::RangeInclusive<u32>,
    unit: &str,
) -> Read<Option<u32>> {
    let Some(node) = properties.get(name) else { return Ok(None) };
    if matches!(node.value, Value::Unknown(_)) {
        return Ok(None);
    }
    let text = node.text().unwrap_or_default();
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(Some(number)),
        _ => Err(Problem::at(
            node.line,
            format!(
                "`{name}` of `{function}` is `{text}`, not {} to {} {unit}",
                range.start(),
                range.end()
            ),
        )),
    }
}
