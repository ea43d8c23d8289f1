//! Applications within an application: templates that a template names.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::Node;
use super::locate;
use super::problem::{Notes, Problem, Read};
use super::{Application, Authorizer, Stack, application};

/// The nested application `name` of this type and with these properties; nothing where it is none, or
/// is not here.
pub(super) fn read(
    name: &str,
    kind: &str,
    properties: &Node,
    around: &Stack<'_>,
    notes: &mut Notes,
) -> Read<Option<Application>> {
    let location = match kind {
        "AWS::Serverless::Application" => "Location",
        "AWS::CloudFormation::Stack" => "TemplateURL",
        _ => return Ok(None),
    };
    let Some(location) = properties.get(location) else { return Ok(None) };
    let left_out = |why: &str, hint| {
        Problem::at(location.line, format!("`{name}` is left out: {why}")).hint(hint)
    };
    let file = match locate::file(notes.folder(), location) {
        Ok(file) => file,
        Err(place) => {
            let why = format!("`{place}` is no file here");
            notes.warn(left_out(&why, "name a local template: `sam build` takes it too"));
            return Ok(None);
        }
    };
    if around.files().any(|other| real(other) == real(&file)) {
        return Err(Problem::at(location.line, format!("`{name}` is within itself"))
            .hint("a template cannot be nested in itself"));
    }
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            let why = format!("`{}` cannot be read: {error}", file.display());
            notes.warn(left_out(&why, "paths start from the template's folder"));
            notes.files.push(file);
            return Ok(None);
        }
    };
    let stack = Stack {
        name: format!("{}-{name}", around.name),
        file: &file,
        parameters: properties.get("Parameters"),
        around: Some(around),
    };
    let mut nested = application(&text, &stack).map_err(|problem| problem.of(&file))?;
    let own: Vec<_> = nested.functions.iter().map(|function| function.name.clone()).collect();
    for function in &mut nested.functions {
        function.name = format!("{name}/{}", function.name);
        for authorizer in function.endpoints.iter_mut().filter_map(|it| it.authorizer.as_mut()) {
            // Another one is of the template around, which has given its ARN.
            if let Authorizer::Lambda(authorizer) = Arc::make_mut(authorizer)
                && own.contains(&authorizer.function)
            {
                authorizer.function = format!("{name}/{}", authorizer.function);
            }
        }
    }
    Ok(Some(nested))
}

fn real(path: &Path) -> PathBuf {
    dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
