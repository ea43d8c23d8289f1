//! The project's `template.yaml` as SAM reads it: its functions, and what leads to them.

mod authorizer;
mod definition;
mod document;
mod endpoint;
mod function;
mod intrinsic;
mod locate;
mod nested;
mod problem;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::Method;

pub(crate) use self::authorizer::{Authorizer, Identity, LambdaAuthorizer};
use self::document::{Node, Value};
use self::endpoint::{Apis, HTTP_API, REST_API};
pub(crate) use self::intrinsic::ACCOUNT;
use self::intrinsic::{Scope, is_function};
pub(crate) use self::locate::{NAMES, find};
use self::problem::{Notes, Problem, Read};
use crate::error::{Error, Result};
use crate::lambda::Architecture;

/// What a template describes.
#[derive(Debug)]
pub(crate) struct Application {
    /// In the template's order; their routes are their own.
    pub(crate) functions: Vec<Function>,
    /// What it was read from, the template first.
    pub(crate) files: Vec<PathBuf>,
    /// What is wrong with how the functions are run and with what leads to them.
    problems: Vec<Problem>,
    /// What is left out of it.
    warnings: Vec<Problem>,
}

/// One function.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its logical id in the template, after the ids of the applications that it is nested in:
    /// `Shop/Orders`.
    pub(crate) name: String,
    /// The name that it has on AWS, where the template sets it.
    pub(crate) function_name: Option<String>,
    pub(crate) handler: Option<String>,
    /// The folder of its code; of an image, the one that it is built from.
    pub(crate) code: PathBuf,
    /// A problem where only a deployment tells it.
    pub(crate) architecture: std::result::Result<Architecture, Problem>,
    /// Whether it is a container image, and not a zip.
    pub(crate) is_image: bool,
    /// Its container image, which `sam build` writes into the template that it leaves.
    pub(crate) image_uri: Option<String>,
    pub(crate) timeout: Duration,
    pub(crate) memory_mb: u32,
    /// What can be told without deploying; names in order.
    pub(crate) environment: BTreeMap<String, String>,
    /// The names of the others.
    pub(crate) unknown: Vec<String>,
    /// `Metadata: BuildProperties: Binary`, the program of a workspace that it is.
    pub(crate) binary: Option<String>,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// What leads requests to a function.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) api: Arc<Api>,
    /// `None` is any.
    pub(crate) method: Option<Method>,
    /// As in the template: `/orders/{id}`, `/{proxy+}`, or `$default`.
    pub(crate) path: String,
    pub(crate) payload: Payload,
    /// Who says whether a request may pass.
    pub(crate) authorizer: Option<Arc<Authorizer>>,
}

/// The form of events and responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    V1,
    V2,
}

/// An API of API Gateway, or a function's URL.
#[derive(Debug)]
pub(crate) struct Api {
    /// Its logical id; a function URL has its function's.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// `$default`, or a name that is the first part of its paths on AWS.
    pub(crate) stage: String,
    pub(crate) stage_variables: BTreeMap<String, String>,
    pub(crate) cors: Option<Cors>,
    /// Of REST APIs: the types of bodies that are handed over in base64.
    pub(crate) binary_media_types: Vec<String>,
}

/// What an API is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Http,
    Rest,
    /// A function URL; `stream` is `InvokeMode: RESPONSE_STREAM`.
    FunctionUrl {
        stream: bool,
    },
}

/// What an API lets the pages of other origins do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cors {
    pub(crate) origins: Vec<String>,
    pub(crate) methods: Vec<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) exposed: Vec<String>,
    pub(crate) credentials: bool,
    /// Seconds.
    pub(crate) max_age: Option<i64>,
}

impl Application {
    /// The template in `folder` or the nearest above it that has one, and where that is; others'
    /// templates of that name, which have no function, do not count.
    pub(crate) fn nearest(folder: &Path) -> Result<Option<(PathBuf, Self)>> {
        let Some(path) = find(folder.ancestors()) else { return Ok(None) };
        let application = Self::read(&path)?;
        Ok(Some((path, application)).filter(|(_, application)| !application.functions.is_empty()))
    }

    /// Reads the template at `path`. What is wrong with parts that only matter where the functions
    /// run, [`check`](Self::check) tells.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| {
            Error::new(format!("cannot read `{}`", path.display()))
                .because(error)
                .hint("it is to be a text file that you may read")
        })?;
        let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        let name = folder.unwrap_or("local").to_owned();
        let stack = Stack { name, file: path, parameters: None, around: None };
        application(&text, &stack).map_err(|problem| problem.of(path).into())
    }

    /// Prints what is left out of it.
    pub(crate) fn warn(&self) {
        self.warnings.iter().for_each(Problem::warn);
    }

    /// Fails where it cannot be run as the template says.
    pub(crate) fn check(&self) -> Result<()> {
        self.problems.first().map_or(Ok(()), |problem| Err(problem.clone().into()))
    }

    /// What its functions run on, each once; fails where only a deployment tells.
    pub(crate) fn architectures(&self) -> Result<Vec<Architecture>> {
        let mut architectures = Vec::new();
        for function in &self.functions {
            let architecture = function.architecture.clone()?;
            if !architectures.contains(&architecture) {
                architectures.push(architecture);
            }
        }
        Ok(architectures)
    }

    /// A project without a template, in `folder`: its only function, `name`, gets every request, as
    /// through an HTTP API with the route `$default`.
    pub(crate) fn of_one(name: &str, folder: &Path) -> Self {
        let nothing = Node { line: 0, value: Value::Null };
        // Nothing is there to be wrong.
        let mut notes = Notes::of(&folder.join("template.yaml"));
        let function = function::read(name, &nothing, &nothing, &mut notes);
        let functions = function.into_iter().map(|function| Function {
            architecture: Architecture::host().map_or(function.architecture, Ok),
            endpoints: vec![Endpoint::default()],
            ..function
        });
        let functions = functions.collect();
        Self { functions, files: Vec::new(), problems: Vec::new(), warnings: Vec::new() }
    }
}

impl Endpoint {
    /// `GET /orders/{id}`, `ANY /{proxy+}` or `$default`.
    pub(crate) fn key(&self) -> String {
        match self.path.as_str() {
            "$default" => "$default".to_owned(),
            path => format!("{} {path}", self.method.as_ref().map_or("ANY", Method::as_str)),
        }
    }

    /// Whether both are methods of one path of one API.
    fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.api, &other.api) && self.path == other.path
    }
}

impl Default for Endpoint {
    /// The route `$default` of an HTTP API.
    fn default() -> Self {
        let api = Api {
            name: "HttpApi".to_owned(),
            kind: Kind::Http,
            stage: "$default".to_owned(),
            stage_variables: BTreeMap::new(),
            cors: None,
            binary_media_types: Vec::new(),
        };
        let path = "$default".to_owned();
        Self { api: Arc::new(api), method: None, path, payload: Payload::V2, authorizer: None }
    }
}

impl Function {
    /// Whether that is a name that it has: in its template, in the one around all, or on AWS.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        [&self.name, self.logical_id()].contains(&name)
            || self.function_name.as_deref() == Some(name)
    }

    /// Its logical id in its own template.
    pub(crate) fn logical_id(&self) -> &str {
        logical_id(&self.name)
    }
}

/// The last part of `Shop/Orders`.
pub(crate) fn logical_id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What a template is deployed as.
struct Stack<'a> {
    /// It stands for the name that is chosen when it is deployed.
    name: String,
    file: &'a Path,
    /// What the template around it gives it.
    parameters: Option<&'a Node>,
    around: Option<&'a Self>,
}

impl Stack<'_> {
    /// Its template, and those around it.
    fn files(&self) -> impl Iterator<Item = &Path> {
        std::iter::successors(Some(self), |stack| stack.around).map(|stack| stack.file)
    }
}

fn application(text: &str, stack: &Stack<'_>) -> Read<Application> {
    let template = document::read(text)?;
    let mut notes = Notes::of(stack.file);
    let nothing = Node { line: 0, value: Value::Null };
    let scope = Scope::new(&template, stack.parameters.unwrap_or(&nothing), region(), &stack.name);
    let globals = scope.resolve(template.get("Globals").unwrap_or(&nothing))?;

    let mut resources = Vec::new();
    for (name, resource) in template.get("Resources").map(Node::entries).unwrap_or_default() {
        let Some(kind) = resource.get("Type").and_then(Node::text) else { continue };
        if let Some(condition) = resource.get("Condition").and_then(Node::text)
            && scope.condition(condition, 0)? == Some(false)
        {
            continue;
        }
        let raw = resource.get("Properties").unwrap_or(&nothing);
        let mut properties = scope.resolve(raw)?;
        if let Some(global) = section(kind).and_then(|section| globals.get(section)) {
            properties = merged(global, &properties);
        }
        if matches!(kind, HTTP_API | REST_API) {
            let definition = definition::read(name, raw, &properties, &scope, &mut notes);
            if let Some(definition) = notes.keep(definition) {
                properties = properties.with("DefinitionBody", definition);
            }
        }
        resources.push((name.as_str(), kind, resource, properties));
    }

    let listed = resources.iter().map(|(name, kind, _, properties)| (*name, *kind, properties));
    let apis = Apis::read(listed, &globals, &mut notes);
    let mut functions = Vec::new();
    for (name, kind, resource, properties) in &resources {
        if !is_function(kind) {
            continue;
        }
        let mut function = function::read(name, resource, properties, &mut notes)?;
        function.architecture = function.architecture.map_err(|problem| problem.of(stack.file));
        function.endpoints = apis.endpoints(name, properties, &mut notes);
        functions.push(function);
    }
    // After its own: of two that answer the same requests, the one of the template around counts.
    for (name, kind, _, properties) in &resources {
        if let Some(nested) = nested::read(name, kind, properties, stack, &mut notes)? {
            functions.extend(nested.functions);
            notes.add(nested.files, nested.problems, nested.warnings);
        }
    }
    let Notes { files, problems, warnings } = notes;
    Ok(Application { functions, files, problems, warnings })
}

/// The part of `Globals` for resources of a type.
fn section(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::Serverless::Function" => Some("Function"),
        HTTP_API => Some("HttpApi"),
        REST_API => Some("Api"),
        _ => None,
    }
}

/// As SAM merges `Globals` with a resource's own properties: maps by their names, lists one after the
/// other, and anything else is the resource's.
fn merged(globals: &Node, own: &Node) -> Node {
    let value = match (&globals.value, &own.value) {
        (Value::Map(globals), Value::Map(entries)) => {
            let mut all = entries.clone();
            for (name, global) in globals {
                match all.iter_mut().find(|(other, _)| other == name) {
                    // Lambda takes one.
                    Some(_) if name == "Architectures" => {}
                    Some((_, own)) => *own = merged(global, own),
                    None => all.push((name.clone(), global.clone())),
                }
            }
            Value::Map(all)
        }
        (Value::List(globals), Value::List(items)) => {
            Value::List(globals.iter().chain(items).cloned().collect())
        }
        (global, Value::Null) => global.clone(),
        (_, own) => own.clone(),
    };
    Node { line: own.line, value }
}

/// The region that everything is in here: the user's, or AWS's first.
pub(crate) fn region() -> String {
    let names = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let own = names.iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()));
    own.unwrap_or_else(|| "us-east-1".to_owned())
}
