//! Nested applications: templates that a template refers to.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::diagnostics::{Diagnostic, Diagnostics, ReadResult};
use super::location;
use super::model::{ApiAuthorizer, Application};
use super::resource::Resource;
use super::yaml::{NULL, Node};

/// The stack that a template is deployed as.
pub(super) struct Stack<'a> {
    /// Stands in for the name that is chosen at deployment.
    pub(super) name: String,
    pub(super) file: &'a Path,
    /// The values that the outer template gives to the parameters.
    pub(super) parameters: &'a Node,
    /// The same without stand-ins for what only a deployment knows.
    pub(super) exact_parameters: &'a Node,
    pub(super) outer: Option<&'a Self>,
    /// The number of templates that were read so far, also in other branches.
    templates: Rc<Cell<usize>>,
}

/// The number of applications that are read, and the number of those that are nested in each other.
/// A few templates that nest each other twice would otherwise take forever.
const MAX_APPLICATIONS: usize = 200;
const MAX_DEPTH: usize = 20;

impl<'a> Stack<'a> {
    /// The stack of a template that is not nested, named after its folder. The `parameters` have values that the
    /// template does not give.
    pub(super) fn outermost(file: &'a Path, parameters: &'a Node) -> Self {
        let folder = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        let name = folder.unwrap_or("local").to_owned();
        Self {
            name,
            file,
            parameters,
            exact_parameters: parameters,
            outer: None,
            templates: Rc::default(),
        }
    }

    /// The files of its template and of the outer ones.
    fn files(&self) -> impl Iterator<Item = &Path> {
        std::iter::successors(Some(self), |stack| stack.outer).map(|stack| stack.file)
    }
}

/// The property in which a resource of this type names a template.
pub(super) fn location(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::Serverless::Application" => Some("Location"),
        "AWS::CloudFormation::Stack" => Some("TemplateURL"),
        _ => None,
    }
}

/// Reads the template that a resource refers to. Returns `None` for another kind of resource, and, with a
/// warning, for a template that is not a local file. `read_template` is passed in, as it calls this.
pub(super) fn read(
    resource: &Resource<'_>,
    outer: &Stack<'_>,
    diagnostics: &mut Diagnostics,
    read_template: fn(&str, &Stack<'_>) -> ReadResult<Application>,
) -> ReadResult<Option<Application>> {
    let Resource { name, properties, exact, .. } = resource;
    let location = location(resource.kind).and_then(|location| properties.get(location));
    let Some(location) = location else { return Ok(None) };
    let part = format!("nested application `{name}`");
    let file = location::read(location, &part, "template", diagnostics);
    let Some((file, text)) = file else { return Ok(None) };
    if outer.files().any(|other| canonical(other) == canonical(&file)) {
        return Err(Diagnostic::new(location.line, format!("`{name}` includes itself"))
            .hint("a template cannot be nested in itself"));
    }
    outer.templates.set(outer.templates.get() + 1);
    if outer.templates.get() > MAX_APPLICATIONS || outer.files().count() > MAX_DEPTH {
        let message = format!("`{name}` is one nested application too many");
        let hint =
            "at most 200 applications are read, and at most 20 that are nested in each other";
        return Err(Diagnostic::new(location.line, message).hint(hint));
    }
    let stack = Stack {
        name: format!("{}-{name}", outer.name),
        file: &file,
        parameters: properties.get("Parameters").unwrap_or(&NULL),
        exact_parameters: exact.get("Parameters").unwrap_or(&NULL),
        outer: Some(outer),
        templates: Rc::clone(&outer.templates),
    };
    let mut application = read_template(&text, &stack).map_err(|error| error.in_file(&file))?;
    let own: Vec<_> = application.functions.iter().map(|it| it.name.clone()).collect();
    for function in &mut application.functions {
        function.name = format!("{name}/{}", function.name);
        let authorizers = function.endpoints.iter_mut().flat_map(|endpoint| {
            endpoint.authorizer.iter_mut().chain(&mut endpoint.preflight_authorizer)
        });
        for authorizer in authorizers {
            // Any other function is one of the outer template, which passed its ARN.
            if let ApiAuthorizer::Lambda(authorizer) = Arc::make_mut(authorizer)
                && own.contains(&authorizer.function)
            {
                authorizer.function = format!("{name}/{}", authorizer.function);
            }
        }
    }
    Ok(Some(application))
}

fn canonical(path: &Path) -> PathBuf {
    dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
