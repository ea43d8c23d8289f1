//! Reads a function's properties.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::deployment::DeploymentSettings;
use super::diagnostics::{Diagnostic, Diagnostics, ReadResult};
use super::model::TemplateFunction;
use super::resource::Resource;
use super::yaml::{Node, NodeValue};
use crate::aws;
use crate::aws::{Architecture, DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT};

/// Reads a function, without its endpoints and event sources.
pub(super) fn read(
    resource: &Resource<'_>,
    diagnostics: &mut Diagnostics,
) -> ReadResult<TemplateFunction> {
    let Resource { name, properties, .. } = resource;
    let text = |name: &str| properties.text_of(name).map(str::to_owned);
    let metadata = |path: &[&str]| resource.source.get("Metadata")?.find(path)?.text();
    let is_image = text("PackageType").as_deref() == Some("Image");
    let code = if is_image {
        metadata(&["DockerContext"]).map(str::to_owned)
    } else {
        // Anything but a path is in a bucket.
        text("CodeUri").or_else(|| text("Code")).filter(|code| !code.contains("://"))
    };
    // "Configure Lambda function timeout" in AWS's documentation: on Managed Instances, an asynchronous invocation can
    // take longer.
    let is_managed = properties.get("CapacityProviderConfig").is_some();
    let range = 1..=if is_managed { 5400 } else { 900 };
    let timeout = diagnostics.recover(number(name, properties, "Timeout", range, "seconds"));
    let memory_mb = diagnostics.recover(number(name, properties, "MemorySize", 128..=10_240, "MB"));
    let (environment, unresolved_variables) = variables(resource, diagnostics);
    Ok(TemplateFunction {
        name: (*name).to_owned(),
        function_name: text("FunctionName"),
        handler: text("Handler").or_else(|| command(properties).filter(|_| is_image)),
        code: diagnostics.folder().join(code.as_deref().unwrap_or(".")),
        architecture: architecture(name, properties)?,
        image_uri: text("ImageUri").filter(|_| is_image),
        is_image,
        timeout: timeout.map_or(DEFAULT_TIMEOUT, |seconds| Duration::from_secs(seconds.into())),
        memory_mb: memory_mb.unwrap_or(DEFAULT_MEMORY_MB),
        max_concurrency: diagnostics.recover(max_concurrency(name, properties)),
        isolates_tenants: properties.get("TenancyConfig").is_some(),
        execution_timeout: diagnostics.recover(execution_timeout(name, properties)),
        environment,
        unresolved_variables,
        binary: metadata(&["BuildProperties", "Binary"]).map(str::to_owned),
        endpoints: Vec::new(),
        mappings: Vec::new(),
        deployment: DeploymentSettings::default(),
    })
}

/// Reads the variables whose values are known, and the expressions of the others.
fn variables(
    resource: &Resource<'_>,
    diagnostics: &mut Diagnostics,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let mut known = BTreeMap::new();
    let mut unresolved = BTreeMap::new();
    let variables = resource.exact.find(&["Environment", "Variables"]).map(Node::entries);
    for (name, value) in variables.unwrap_or_default() {
        if aws::is_reserved_variable(name) {
            let message = format!(
                "the variable `{name}` of `{}` is ignored: Lambda reserves it",
                resource.name
            );
            let hint = "remove it: Lambda refuses a function with it";
            diagnostics.warn(Diagnostic::new(value.line, message).hint(hint));
            continue;
        }
        match &value.value {
            NodeValue::Text(text) => drop(known.insert(name.clone(), text.clone())),
            NodeValue::Null => drop(known.insert(name.clone(), String::new())),
            NodeValue::Unknown(call) => drop(unresolved.insert(name.clone(), call.clone())),
            NodeValue::List(_) | NodeValue::Map(_) => {
                drop(unresolved.insert(name.clone(), "…".to_owned()));
            }
        }
    }
    // Lambda passes the logging configuration in variables.
    for (property, variable) in
        [("LogFormat", "AWS_LAMBDA_LOG_FORMAT"), ("ApplicationLogLevel", "AWS_LAMBDA_LOG_LEVEL")]
    {
        let text = resource.properties.find(&["LoggingConfig", property]).and_then(Node::text);
        known.extend(text.map(|text| (variable.to_owned(), text.to_owned())));
    }
    (known, unresolved)
}

/// Reads the number of invocations that one process of a function on Lambda Managed Instances handles at a time.
/// `SAM` has the properties that `CloudFormation` has in `LambdaManagedInstancesCapacityProviderConfig`.
fn max_concurrency(function: &str, properties: &Node) -> ReadResult<Option<u16>> {
    /// The default for Rust ("Rust support for Lambda Managed Instances" in AWS's documentation).
    const EACH_CPU: u32 = 8;
    let Some(config) = properties.get("CapacityProviderConfig") else { return Ok(None) };
    let config = config.get("LambdaManagedInstancesCapacityProviderConfig").unwrap_or(config);
    let name = "PerExecutionEnvironmentMaxConcurrency";
    let given = number(function, config, name, 1..=1600, "invocations")?;
    Ok(given.or(Some(EACH_CPU)).and_then(|number| u16::try_from(number).ok()))
}

/// Reads `DurableConfig`, which makes a function durable, with the ranges of
/// <https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html>. The retention period is only checked.
fn execution_timeout(function: &str, properties: &Node) -> ReadResult<Option<Duration>> {
    const LONGEST: u32 = 31_622_400;
    let Some(config) = properties.get("DurableConfig") else { return Ok(None) };
    let _ = number(function, config, "RetentionPeriodInDays", 1..=90, "days")?;
    if config.get("ExecutionTimeout").is_none() {
        let message = format!("`DurableConfig` of `{function}` has no `ExecutionTimeout`");
        let hint = "add `ExecutionTimeout`, in seconds";
        return Err(Diagnostic::new(config.line, message).hint(hint));
    }
    let seconds = number(function, config, "ExecutionTimeout", 1..=LONGEST, "seconds")?;
    Ok(Some(Duration::from_secs(seconds.unwrap_or(LONGEST).into())))
}

/// Returns the first word of the command of an image, which Lambda gives to the program as its handler.
fn command(properties: &Node) -> Option<String> {
    let command = properties.find(&["ImageConfig", "Command"])?;
    command.texts().into_iter().next()
}

/// Reads the architecture. The inner error is that only a deployment determines it.
fn architecture(name: &str, properties: &Node) -> ReadResult<ReadResult<Architecture>> {
    let Some(list) = properties.get("Architectures") else { return Ok(Ok(Architecture::X86_64)) };
    let only = match list.items() {
        [only] => only,
        _ => list,
    };
    if let NodeValue::Unknown(call) = &only.value {
        let message = format!(
            "`Architectures` of `{name}` is `{call}`, which is known only after deployment"
        );
        return Ok(Err(Diagnostic::new(list.line, message)
            .hint("pass `--arch x86_64` or `--arch arm64`, or give the parameter a `Default`")));
    }
    only.text().and_then(Architecture::from_name).map(Ok).ok_or_else(|| {
        let message = format!("`Architectures` of `{name}` must be `[x86_64]` or `[arm64]`");
        Diagnostic::new(list.line, message)
    })
}

/// Reads a whole number. One that only a deployment determines counts as absent.
pub(super) fn number(
    owner: &str,
    properties: &Node,
    name: &str,
    range: RangeInclusive<u32>,
    unit: &str,
) -> ReadResult<Option<u32>> {
    let Some(node) = properties.get(name) else { return Ok(None) };
    if matches!(node.value, NodeValue::Unknown(_)) {
        return Ok(None);
    }
    let text = node.text().unwrap_or_default();
    // SAM writes `256.0` as it is, and `CloudFormation` takes it.
    let whole = text.strip_suffix(".0").unwrap_or(text);
    whole.parse().ok().filter(|number| range.contains(number)).map(Some).ok_or_else(|| {
        let (least, most) = range.into_inner();
        let message =
            format!("`{name}` of `{owner}` is `{text}`; expected {least} to {most} {unit}");
        Diagnostic::new(node.line, message)
    })
}
