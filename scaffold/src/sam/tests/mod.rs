//! Templates as people write them, and the applications that are read from them.

mod apis;
mod authorizers;
mod functions;
mod nested;
mod properties;
mod yaml;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use http::Method;
use insta::assert_snapshot;
use tempfile::TempDir;

use super::diagnostics::Diagnostic;
use super::nested::Stack;
use super::yaml::NULL;
use super::*;
use crate::aws::{Architecture, region};
use crate::term::error::{Error, Result};

/// Reads a template in the folder `/project`.
fn read(template: &str) -> Application {
    let application =
        load::read(template, &Stack::outermost(Path::new("/project/template.yaml"), &NULL));
    application.unwrap_or_else(|error| panic!("{error:?}"))
}

/// The error of a template that cannot be read, or cannot be run.
fn error(template: &str) -> Error {
    let stack = Stack::outermost(Path::new("template.yaml"), &NULL);
    match load::read(template, &stack) {
        Ok(application) => application.check().unwrap_err(),
        Err(error) => error.in_file(stack.file).into(),
    }
}

/// Asserts the error of each template: its line and its message.
#[track_caller]
fn assert_errors<'a, T: AsRef<str>>(templates: impl IntoIterator<Item = (T, &'a str)>) {
    for (template, expected) in templates {
        let template = template.as_ref();
        let expected = format!("template.yaml:{expected}");
        assert_eq!(error(template).to_string(), expected, "{template}");
    }
}

/// Writes files into a new folder and reads the first one as a template.
fn read_files(files: &[(&str, &str)]) -> (TempDir, Result<Application>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let application = Application::read(&folder.path().join(files[0].0));
    (folder, application)
}

/// The application in files that are in order.
fn read_good_files(files: &[(&str, &str)]) -> Application {
    let application = read_files(files).1.unwrap();
    application.check().unwrap();
    assert_eq!(application.diagnostics.warnings, []);
    application
}

/// Each diagnostic on a line, without the path of the folder.
fn lines(diagnostics: &[Diagnostic], folder: &TempDir) -> String {
    let lines: Vec<_> = diagnostics.iter().map(|it| Error::from(it.clone()).to_string()).collect();
    without_folder(&lines.join("\n"), folder)
}

fn without_folder(text: &str, folder: &TempDir) -> String {
    let canonical = dunce::canonicalize(folder.path()).unwrap();
    text.replace(&format!("{}/", canonical.display()), "")
        .replace(&format!("{}/", folder.path().display()), "")
}

/// A template with one function, whose properties stand in the fifth line.
fn function(properties: &str) -> String {
    let head = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n";
    format!("{head}      {properties}\n")
}

/// A template with a function and an API, whose properties begin in the fifth line.
fn with_api(kind: &str, properties: &str) -> String {
    format!(
        "Resources:\n  Api:\n    Type: AWS::Serverless::{kind}\n    Properties:\n      {properties}\n\
         \x20 Hello: {{Type: AWS::Serverless::Function, Properties: {{FunctionName: hello-on-aws}}}}\n"
    )
}

/// The endpoints of a function: API, method, path, stage, payload format.
fn endpoints(function: &TemplateFunction) -> Vec<String> {
    let line = |endpoint: &Endpoint| {
        let method = endpoint.method.as_ref().map_or("ANY", Method::as_str);
        let Endpoint { api, path, payload_format, .. } = endpoint;
        let timeout = endpoint.integration_timeout;
        let timeout = timeout.map(|it| format!(" {it:?}")).unwrap_or_default();
        let streamed = if endpoint.is_streamed { " streamed" } else { "" };
        let Api { name, kind, stage, .. } = &**api;
        format!("{name} {kind:?} {method} {path} {stage} {payload_format:?}{streamed}{timeout}")
    };
    function.endpoints.iter().map(line).collect()
}

/// The functions with their settings, variables and endpoints.
fn describe(application: &Application) -> String {
    let mut text = String::new();
    for function in &application.functions {
        let architecture = function.architecture.as_ref().map(ToString::to_string);
        let (code, seconds) = (function.code.display(), function.timeout.as_secs());
        write!(text, "{}: {code}, {}", function.name, architecture.unwrap()).unwrap();
        write!(text, ", {seconds} s, {} MB", function.memory_mb).unwrap();
        for (property, value) in [
            ("FunctionName", &function.function_name),
            ("Handler", &function.handler),
            ("Binary", &function.binary),
            ("PackageType", &function.is_image.then(|| "Image".to_owned())),
        ] {
            text.extend(value.as_ref().map(|value| format!(", {property}: {value}")));
        }
        text.push('\n');
        for (name, value) in &function.environment {
            writeln!(text, "  {name}={value}").unwrap();
        }
        for (name, expression) in &function.unresolved_variables {
            writeln!(text, "  {name} is unresolved: {expression}").unwrap();
        }
        for (line, endpoint) in endpoints(function).iter().zip(&function.endpoints) {
            writeln!(text, "  {line}").unwrap();
            if let Some(cors) = &endpoint.api.cors {
                writeln!(text, "    {cors:?}").unwrap();
            }
            if !endpoint.api.binary_media_types.is_empty() {
                writeln!(text, "    base64: {:?}", endpoint.api.binary_media_types).unwrap();
            }
        }
    }
    text.replace(&region(), "REGION")
}
