//! The project files: those that the project lacks.

use std::path::Path;

use heck::ToPascalCase;
use lambda_native_templates::conversion_files;
use liquid::Object;
use liquid::model::Value;

use super::function::Kind;
use super::project::Settings;
use crate::aws::{Architecture, BOOTSTRAP};
use crate::files::{self, FileChange};
use crate::local::sample_events;
use crate::term::error::{Error, ErrorContext, Result};

/// A function of the project.
pub(super) struct FunctionFacts<'a> {
    /// The name of the package, or of the binary if there are several.
    pub(super) name: String,
    pub(super) binary: String,
    pub(super) is_http: bool,
    /// The sample of its event.
    pub(super) sample: &'static str,
    pub(super) settings: &'a Settings,
}

/// The files of other tools that describe the deployment.
const DEPLOYMENTS: [&str; 7] = [
    "template.yaml",
    "template.yml",
    "samconfig.toml",
    "serverless.yml",
    "serverless.yaml",
    "cdk.json",
    "cdk/cdk.json",
];

/// Returns the files that the folder lacks, and notes about those that it has.
pub(super) fn files(
    root: &Path,
    name: &str,
    architecture: Architecture,
    functions: &[FunctionFacts<'_>],
) -> Result<(Vec<FileChange>, Vec<String>)> {
    let mut changes = Vec::new();
    let mut notes = Vec::new();
    let variables = variables(name, architecture, functions);
    let existing = DEPLOYMENTS.iter().find(|file| root.join(file).exists());
    if let Some(existing) = existing {
        notes.push(format!(
            "kept `{existing}`, which describes the deployment; no `template.yaml` was added"
        ));
    }
    for file in conversion_files() {
        let path = root.join(file.path);
        let is_deployment = ["template.yaml", "samconfig.toml", "Makefile"].contains(&file.path);
        if file.path.starts_with('.') && ![".gitignore", ".dockerignore"].contains(&file.path)
            || is_deployment && existing.is_some()
        {
            continue;
        }
        if path.exists() && file.path != "README.md" {
            if !file.path.starts_with('.') {
                notes.push(format!("kept `{}`", file.path));
            }
            continue;
        }
        let text = render(file.path, file.contents, &variables)?;
        let text = match file.path {
            "Makefile" => makefile(&text, functions),
            _ => text,
        };
        if file.path == "README.md" {
            changes.extend(readme(&path, name, &text)?);
        } else {
            changes.push(FileChange::new(path, text));
        }
    }
    for function in functions {
        let file = if functions.len() == 1 { "event" } else { &function.name };
        let path = root.join("events").join(format!("{file}.json"));
        if !path.exists() {
            changes.push(FileChange::new(path, sample(function.sample)?));
        }
    }
    Ok((changes, notes))
}

fn variables(name: &str, architecture: Architecture, functions: &[FunctionFacts<'_>]) -> Object {
    let text = |text: &str| Value::scalar(text.to_owned());
    let number =
        |number: Option<u64>, default: u64| Value::scalar(number.unwrap_or(default).to_string());
    let functions = functions.iter().map(|function| {
        let settings = function.settings;
        let variables = settings.variables.iter().map(|(name, value)| {
            // JSON is YAML.
            let value = serde_json::Value::from(value.as_str()).to_string();
            Value::Object(Object::from_iter([
                ("name".into(), text(name)),
                ("value".into(), text(&value)),
            ]))
        });
        Value::Object(Object::from_iter([
            ("id".into(), text(&logical_id(&function.name))),
            ("binary".into(), text(&function.binary)),
            ("memory".into(), number(settings.memory, 256)),
            ("timeout".into(), number(settings.timeout, if function.is_http { 29 } else { 30 })),
            ("variables".into(), Value::Array(variables.collect())),
            ("is_http".into(), Value::scalar(function.is_http)),
        ]))
    });
    Object::from_iter([
        ("functions".into(), Value::Array(functions.collect())),
        ("project-name".into(), text(name)),
        ("architecture".into(), text(&architecture.to_string())),
        ("linking".into(), text("static")),
        ("package_type".into(), text("zip")),
        ("ci".into(), text("none")),
        ("editor".into(), text("none")),
        ("infrastructure".into(), text("sam")),
    ])
}

/// Returns the logical id of a function in the template.
fn logical_id(name: &str) -> String {
    let name = name.to_pascal_case();
    if name.ends_with("Function") { name } else { name + "Function" }
}

fn render(path: &str, contents: &[u8], variables: &Object) -> Result<String> {
    let failed = || format!("cannot make `{path}`");
    let text = std::str::from_utf8(contents).context(failed)?;
    let parser = liquid::ParserBuilder::with_stdlib().build().context(failed)?;
    let text = parser.parse(text).context(failed)?.render(variables).context(failed)?;
    Ok(text.trim_end().to_owned() + "\n")
}

/// Adds the binaries of several functions to the `Makefile`.
fn makefile(text: &str, functions: &[FunctionFacts<'_>]) -> String {
    if functions.iter().all(|function| function.binary == BOOTSTRAP) {
        return text.to_owned();
    }
    let mapping = functions.iter().map(|function| {
        format!("build-{}: BINARY = {}\n", logical_id(&function.name), function.binary)
    });
    let lines = format!("\n# The binary of each function.\n{}", mapping.collect::<String>());
    let text = text
        .replace("--bin bootstrap", "--bin $(BINARY)")
        .replace("--target artifact \\\n", "--target artifact --build-arg BINARY=$(BINARY) \\\n")
        .replace(
            "/release/bootstrap\" \"$(ARTIFACTS_DIR)\"",
            "/release/$(BINARY)\" \"$(ARTIFACTS_DIR)/bootstrap\"",
        );
    text + &*lines
}

/// Adds the section to the README, or makes one.
fn readme(path: &Path, name: &str, section: &str) -> Result<Option<FileChange>> {
    Ok(match files::read_text_if_there(path)? {
        Some(old) if old.contains("scaffold ") => None,
        Some(old) => {
            let new = format!("{}\n\n{section}", old.trim_end());
            Some(FileChange::edit(path.to_owned(), old, new))
        }
        None => Some(FileChange::new(path.to_owned(), format!("# {name}\n\n{section}"))),
    })
}

fn sample(name: &str) -> Result<String> {
    let unreadable = || format!("cannot make the sample event `{name}`");
    let event = match name {
        "" => b"{}".as_slice().into(),
        name => sample_events::event(name).ok_or_else(|| Error::new(unreadable()))?,
    };
    let event: serde_json::Value = serde_json::from_slice(&event).context(unreadable)?;
    let text = serde_json::to_string_pretty(&event).context(unreadable)?;
    Ok(text + "\n")
}

/// Returns the name of the sample event for a function, by the types in its code.
pub(super) fn sample_of(kind: Kind, code: &str) -> &'static str {
    if kind != Kind::Events {
        return "http-api-v2";
    }
    let samples = [
        ("SqsEvent", "sqs"),
        ("S3Event", "s3"),
        ("SnsEvent", "sns"),
        ("KinesisEvent", "kinesis"),
        ("DynamoDbEvent", "dynamodb"),
        ("EventBridgeEvent", "eventbridge"),
        ("CognitoEvent", "cognito"),
        ("LogsEvent", "cloudwatch-logs"),
        ("KafkaEvent", "kafka"),
        ("SesEvent", "ses"),
    ];
    samples.iter().find(|(ty, _)| code.contains(ty)).map_or("", |(_, sample)| sample)
}
