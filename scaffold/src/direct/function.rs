//! The function itself: its code and its configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::time::{Duration, sleep};

use super::client::{Client, explain};
use super::permission::merged;
use super::plan::{Action, Change, difference};
use super::settings::Settings;
use super::tag;
use crate::aws::aws_cli::{CallError, Service};
use crate::aws::{Architecture, BOOTSTRAP, DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT};
use crate::term::error::{Error, Result};
use crate::term::progress;

/// The runtime of functions in Rust.
const RUNTIME: &str = "provided.al2023";

/// The pause between two attempts to create a function with a role that IAM has not made known everywhere, and the
/// number of attempts: about a minute.
const ROLE_PAUSE: Duration = Duration::from_secs(2);
const ROLE_ATTEMPTS: usize = 30;

/// A function on AWS.
#[derive(Debug)]
pub(crate) struct DeployedFunction {
    pub(crate) configuration: Value,
    pub(crate) tags: Value,
    image_uri: Option<String>,
}

/// The code of a function.
#[derive(Debug)]
pub(crate) enum Code {
    Zip {
        path: PathBuf,
        /// In base64, as Lambda shows it.
        sha256: String,
        /// The folder of a zip that nobody needs afterwards.
        _folder: Option<TempDir>,
    },
    Image {
        /// The name in the registry; `None` if the registry does not have the repository yet.
        uri: Option<String>,
    },
}

/// The changes of a function.
#[derive(Debug)]
pub(crate) struct FunctionPlan {
    pub(crate) change: Change,
    /// The properties of the configuration that change, as the operations take them.
    configuration: Map<String, Value>,
    uploads: bool,
    /// The tags that the template gives to the function.
    tags: Map<String, Value>,
}

impl DeployedFunction {
    /// Reads a function; `None` if it does not exist.
    pub(crate) async fn read(client: &Client, name: &str) -> Result<Option<Self>> {
        let input = json!({ "FunctionName": name });
        let what = format!("read the function `{name}`");
        let output = client.find_one(Service::Lambda, "get-function", &input, &what).await?;
        Ok(output.map(|output| Self {
            configuration: output.get("Configuration").cloned().unwrap_or_default(),
            tags: output.get("Tags").cloned().unwrap_or_default(),
            image_uri: output.pointer("/Code/ImageUri").and_then(Value::as_str).map(str::to_owned),
        }))
    }

    /// Returns a property of the configuration that is a text.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.configuration.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns whether a deployment without SAM created it.
    pub(crate) fn is_own(&self) -> bool {
        tag::is_in_map(Some(&self.tags), self.text("/FunctionName"))
    }

    /// Returns the `CloudFormation` stack that it belongs to.
    pub(crate) fn stack(&self) -> Option<&str> {
        tag::stack(Some(&self.tags))
    }
}

impl FunctionPlan {
    /// Compares the settings and the code with the function on AWS.
    pub(crate) fn new(
        settings: &Settings,
        code: &Code,
        deployed: Option<&DeployedFunction>,
    ) -> Result<Self> {
        let change = |action, differences| Change {
            action,
            resource: "function",
            name: settings.name.clone(),
            differences,
        };
        let Some(deployed) = deployed else {
            let mut configuration = wanted(settings, &BTreeMap::new());
            if !settings.is_image {
                configuration.entry("Runtime").or_insert_with(|| json!(RUNTIME));
                configuration.entry("Handler").or_insert_with(|| json!(BOOTSTRAP));
            }
            let change = change(Action::Create, summary(settings));
            return Ok(Self { change, configuration, uploads: true, tags: Map::new() });
        };
        check_package(settings, deployed)?;
        let mut differences = Vec::new();
        let uploads = match code {
            Code::Zip { sha256, .. } => deployed.text("/CodeSha256") != sha256,
            Code::Image { uri } => uri.is_none() || *uri != deployed.image_uri,
        };
        if uploads {
            differences.push("code".to_owned());
        }
        let old = deployed.text("/Architectures/0");
        let old = if old.is_empty() { "x86_64" } else { old };
        let architecture = difference("architecture", old, settings.architecture.name());
        let uploads = uploads || architecture.is_some();
        differences.extend(architecture);

        let variables = texts(deployed.configuration.pointer("/Environment/Variables"));
        let mut configuration = wanted(settings, &variables);
        configuration.retain(|name, value| {
            let old = deployed.configuration.get(name).unwrap_or(&Value::Null);
            let (is_different, text) = compare(name, old, value);
            differences.extend(text);
            is_different
        });
        let tags = missing_tags(settings, deployed);
        if !tags.is_empty() {
            differences.push("tags".to_owned());
        }
        let change = change(Action::for_existing(&differences), differences);
        Ok(Self { change, configuration, uploads, tags })
    }

    /// Creates or changes the function, and waits until that is complete. `role` is the ARN of the role for a new
    /// function. Returns the configuration.
    pub(crate) async fn apply(
        &self,
        client: &Client,
        settings: &Settings,
        code: &Code,
        role: &str,
    ) -> Result<()> {
        if self.change.action == Action::Create {
            return self.create(client, settings, code, role).await;
        }
        let name = &settings.name;
        if !self.configuration.is_empty() {
            let mut input = self.configuration.clone();
            input.insert("FunctionName".to_owned(), json!(name));
            let input = Value::from(input);
            let what = format!("change the configuration of the function `{name}`");
            let change = client.update("update-function-configuration", &input, None, &what);
            progress::step("updating", &format!("the configuration of `{name}`"), change).await?;
        }
        if self.uploads {
            let input = json!({
                "FunctionName": name,
                "Architectures": [settings.architecture.name()],
            });
            let (input, zip) = match code {
                Code::Zip { path, .. } => (input, Some(path.as_path())),
                Code::Image { uri } => (merged(&input, &json!({ "ImageUri": uri })), None),
            };
            let what = format!("upload the code of the function `{name}`");
            let upload = client.update("update-function-code", &input, zip, &what);
            progress::step("uploading", &format!("the code of `{name}`"), upload).await?;
        }
        if !self.tags.is_empty() {
            let function = client.settle(&json!({ "FunctionName": name })).await?;
            let arn = function.get("FunctionArn").and_then(Value::as_str).unwrap_or_default();
            let input = json!({ "Resource": arn, "Tags": self.tags });
            let what = format!("tag the function `{name}`");
            client.call(Service::Lambda, "tag-resource", &input, &what).await?;
        }
        Ok(())
    }

    async fn create(
        &self,
        client: &Client,
        settings: &Settings,
        code: &Code,
        role: &str,
    ) -> Result<()> {
        let name = &settings.name;
        let tags = merged(&json!(settings.tags), &tag::map(name));
        let mut input = self.configuration.clone();
        for (property, value) in [
            ("FunctionName", json!(name)),
            ("Role", json!(role)),
            ("Architectures", json!([settings.architecture.name()])),
            ("Tags", tags),
            ("PackageType", json!(if settings.is_image { "Image" } else { "Zip" })),
        ] {
            input.insert(property.to_owned(), value);
        }
        let zip = match code {
            Code::Zip { path, .. } => Some(path.as_path()),
            Code::Image { uri } => {
                input.insert("Code".to_owned(), json!({ "ImageUri": uri }));
                None
            }
        };
        let input = Value::from(input);
        let what = format!("create the function `{name}`");
        let create = || client.attempt(Service::Lambda, "create-function", &input, zip);
        let mut created =
            progress::step("creating", &format!("the function `{name}`"), create()).await;
        let is_not_ready = |error: &CallError| {
            error.is("InvalidParameterValueException")
                && error.to_string().contains("cannot be assumed by Lambda")
        };
        if created.as_ref().is_err_and(is_not_ready) {
            let until = format!("until Lambda can assume the role `{}`", last_part(role));
            created = progress::step("waiting", &until, async {
                let mut attempts = 1..ROLE_ATTEMPTS;
                loop {
                    sleep(ROLE_PAUSE).await;
                    let result = create().await;
                    if !result.as_ref().is_err_and(is_not_ready) || attempts.next().is_none() {
                        return result;
                    }
                }
            })
            .await;
        }
        if let Err(error) = created {
            let is_role = is_not_ready(&error);
            let error = explain(&error, Service::Lambda, &what);
            return Err(if is_role {
                error.hint(
                    "the trust policy of the role must allow `lambda.amazonaws.com` to assume it",
                )
            } else {
                error
            });
        }
        let until = format!("until `{name}` is active");
        let function = json!({ "FunctionName": name });
        progress::step("waiting", &until, client.settle(&function)).await.map(drop)
    }
}

/// Refuses a change of the package type, which a function keeps.
fn check_package(settings: &Settings, deployed: &DeployedFunction) -> Result<()> {
    let is_image = deployed.text("/PackageType") == "Image";
    if is_image == settings.is_image {
        return Ok(());
    }
    let kind = |is_image| if is_image { "a container image" } else { "a zip" };
    let (old, new) = (kind(is_image), kind(settings.is_image));
    Err(Error::new(format!("the function `{}` is {old}, and cannot become {new}", settings.name))
        .hint("delete it with `scaffold delete`, or choose another name with `--function-name`"))
}

/// Returns the properties that the settings determine, as the operations take them. `old` are the variables on
/// AWS.
fn wanted(settings: &Settings, old: &BTreeMap<String, String>) -> Map<String, Value> {
    let mut wanted = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            wanted.insert(name.to_owned(), value);
        }
    };
    set("MemorySize", settings.memory_mb.map(Value::from));
    set("Timeout", settings.timeout.map(Value::from));
    set("Description", settings.description.as_ref().map(|it| json!(it)));
    set("Role", settings.role.as_ref().map(|it| json!(it)));
    set("EphemeralStorage", settings.ephemeral_storage_mb.map(|size| json!({ "Size": size })));
    set("TracingConfig", settings.tracing.map(|tracing| json!({ "Mode": mode(tracing) })));
    let logging = (!settings.logging.is_empty()).then(|| json!(settings.logging));
    set("LoggingConfig", logging);
    let mut variables = settings.variables.clone();
    if !settings.only_these_variables {
        for (name, value) in old {
            variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let has_variables = !variables.is_empty() || !old.is_empty();
    set("Environment", has_variables.then(|| json!({ "Variables": variables })));
    if settings.is_image {
        let command = settings.handler.as_ref().map(|handler| json!({ "Command": [handler] }));
        set("ImageConfig", command);
    } else {
        set("Runtime", settings.runtime.as_ref().map(|it| json!(it)));
        set("Handler", settings.handler.as_ref().map(|it| json!(it)));
    }
    wanted
}

fn mode(tracing: bool) -> &'static str {
    if tracing { "Active" } else { "PassThrough" }
}

/// Compares a property with the one on AWS, and describes the difference.
fn compare(name: &str, old: &Value, new: &Value) -> (bool, Option<String>) {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => format!("`{text}`"),
        value => value.to_string(),
    };
    let inner = |value: &Value, name: &str| value.get(name).map(text).unwrap_or_default();
    let described = match name {
        "MemorySize" => difference("memory", &format!("{} MB", text(old)), &format!("{new} MB")),
        "Timeout" => difference("timeout", &format!("{} s", text(old)), &format!("{new} s")),
        "EphemeralStorage" => difference("storage", &inner(old, "Size"), &inner(new, "Size")),
        "TracingConfig" => {
            let old = old.get("Mode").map_or_else(|| format!("`{}`", mode(false)), text);
            difference("tracing", &old, &inner(new, "Mode"))
        }
        "LoggingConfig" => {
            let changed = new.as_object().into_iter().flatten().filter_map(|(name, value)| {
                let default = (name == "LogFormat").then(|| "`Text`".to_owned());
                let old = old.get(name).map(text).or(default).unwrap_or_default();
                difference(name, &old, &text(value))
            });
            Some(changed.collect::<Vec<_>>().join(", ")).filter(|it| !it.is_empty())
        }
        "ImageConfig" => {
            let old = old.get("Command").unwrap_or(&Value::Null);
            let new = new.get("Command").unwrap_or(&Value::Null);
            difference("command", &text(old), &text(new))
        }
        "Environment" => variables(&texts(old.get("Variables")), &texts(new.get("Variables"))),
        name => difference(&name.to_lowercase(), &text(old), &text(new)),
    };
    (described.is_some(), described)
}

/// Describes how variables change. Their values can be secret.
fn variables(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Option<String> {
    let mut changes = Vec::new();
    for (name, value) in new {
        match old.get(name) {
            None => changes.push(format!("add `{name}`")),
            Some(old) if old != value => changes.push(format!("change `{name}`")),
            Some(_) => {}
        }
    }
    changes
        .extend(old.keys().filter(|it| !new.contains_key(*it)).map(|it| format!("remove `{it}`")));
    (!changes.is_empty()).then(|| format!("variables: {}", changes.join(", ")))
}

fn texts(map: Option<&Value>) -> BTreeMap<String, String> {
    let entries = map.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// Returns the template's tags that a function of ours does not have.
fn missing_tags(settings: &Settings, deployed: &DeployedFunction) -> Map<String, Value> {
    let is_missing = |(name, value): &(&String, &String)| {
        deployed.tags.get(*name).and_then(Value::as_str) != Some(value)
    };
    let missing = settings.tags.iter().filter(is_missing);
    missing.map(|(name, value)| (name.clone(), json!(value))).collect()
}

/// Describes a function that is new.
fn summary(settings: &Settings) -> Vec<String> {
    let default_timeout = u32::try_from(DEFAULT_TIMEOUT.as_secs()).unwrap_or_default();
    vec![
        if settings.is_image { "image".to_owned() } else { "zip".to_owned() },
        Architecture::name(settings.architecture).to_owned(),
        format!("{} MB", settings.memory_mb.unwrap_or(DEFAULT_MEMORY_MB)),
        format!("{} s", settings.timeout.unwrap_or(default_timeout)),
    ]
}

/// Returns the part of an ARN after the last slash.
fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
