//! The project files: those that the project lacks.

use std::fs;
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
use crate::sync::{NewSource, add_source};
use crate::term::error::{Error, ErrorContext, Result};

/// A function of the project.
pub(super) struct FunctionFacts<'a> {
    /// The name of the package, or of the binary if there are several.
    pub(super) name: String,
    pub(super) binary: String,
    pub(super) handler: HandlerFacts,
    pub(super) settings: &'a Settings,
}

/// The parts of a handler that the files depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct HandlerFacts {
    is_http: bool,
    is_streaming: bool,
    /// The sample of its event.
    sample: &'static str,
    /// The source of its events, if their type tells it.
    source: Option<EventSource>,
}

/// A source of events.
#[derive(Clone, Copy, Debug)]
struct EventSource {
    /// The argument of `#[lambda_handler]` for it.
    kind: &'static str,
    /// The end of the name of its resource.
    noun: &'static str,
    /// The handler returns the records that failed.
    reports_failures: bool,
}

impl HandlerFacts {
    /// Reads a handler in the file with this code.
    pub(super) fn of(kind: Kind, is_streaming: bool, code: &str) -> Self {
        let is_http = kind != Kind::Events;
        let sample = sample_of(kind, code);
        Self { is_http, is_streaming, sample, source: source_of(code).filter(|_| !is_http) }
    }
}

/// Files of other tools that describe the deployment.
const DEPLOYMENTS: [&str; 10] = [
    "template.yaml",
    "template.yml",
    "samconfig.toml",
    "serverless.yml",
    "serverless.yaml",
    "serverless.ts",
    "cdk.json",
    "cdktf.json",
    "Pulumi.yaml",
    "sst.config.ts",
];

/// The folders in which these files stand.
const DEPLOYMENT_FOLDERS: [&str; 6] = ["", "infrastructure", "infra", "cdk", "terraform", "deploy"];

/// Returns the file or the folder that describes the deployment.
fn deployment(root: &Path) -> Option<String> {
    for folder in DEPLOYMENT_FOLDERS {
        let path = root.join(folder);
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if let Some(file) = DEPLOYMENTS.iter().find(|file| path.join(file).is_file()) {
            return Some(format!("{start}{file}"));
        }
        let entries = fs::read_dir(&path).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        if let Some(name) =
            names.iter().find(|name| Path::new(name).extension().is_some_and(|it| it == "tf"))
        {
            return Some(format!("{start}{name}"));
        }
    }
    None
}

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
    let existing = deployment(root);
    if let Some(existing) = &existing {
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
            "template.yaml" => with_sources(text, &path, functions, &mut notes)?,
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
            changes.push(FileChange::new(path, sample(function.handler.sample)?));
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
            (
                "timeout".into(),
                number(settings.timeout, if function.handler.is_http { 29 } else { 30 }),
            ),
            ("variables".into(), Value::Array(variables.collect())),
            ("is_http".into(), Value::scalar(function.handler.is_http)),
            ("is_streaming".into(), Value::scalar(function.handler.is_streaming)),
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

/// Adds the sources of the events to the template.
fn with_sources(
    template: String,
    path: &Path,
    functions: &[FunctionFacts<'_>],
    notes: &mut Vec<String>,
) -> Result<String> {
    let mut template = template;
    for function in functions {
        let Some(EventSource { kind, noun, reports_failures }) = function.handler.source else {
            continue;
        };
        let id = logical_id(&function.name);
        let stem = id.strip_suffix("Function").unwrap_or(&id);
        let name = format!("{stem}{noun}");
        let source = NewSource { kind, name: &name, stem, reports_failures };
        template = add_source(&template, path, &id, &source)?;
        notes.push(format!(
            "the events of `{id}` come from `{name}`, which `template.yaml` creates"
        ));
    }
    Ok(template)
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
fn sample_of(kind: Kind, code: &str) -> &'static str {
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

/// Returns the source of the events, if all events of the file have one type that tells it.
fn source_of(code: &str) -> Option<EventSource> {
    let words = code.split_whitespace().collect::<String>();
    let mut types = words.split("LambdaEvent<").skip(1).map(|rest| {
        let end = rest.find(['<', '>', ',']).unwrap_or(rest.len());
        let path = rest.get(..end).unwrap_or_default();
        path.rsplit("::").next().unwrap_or_default()
    });
    let ty = types.next()?;
    let (kind, noun) = match ty {
        "SqsEvent" | "SqsEventObj" => ("sqs", "Queue"),
        "KinesisEvent" => ("kinesis", "Stream"),
        "S3Event" => ("s3", "Bucket"),
        "SnsEvent" | "SnsEventObj" => ("sns", "Topic"),
        _ => return None,
    };
    let reports_failures =
        ["SqsBatchResponse", "KinesisEventResponse"].iter().any(|it| code.contains(it));
    types.all(|other| other == ty).then_some(EventSource { kind, noun, reports_failures })
}
