//! Finds a template and reads it, together with the templates that are nested in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::api::Apis;
use super::config_file::{ConfigChoice, SamConfig};
use super::deployment;
use super::diagnostics::{Diagnostic, Diagnostics, ReadResult};
use super::event_source_mapping;
use super::function;
use super::intrinsics::{Scope, is_function};
use super::location::MAX_FILE_SIZE;
use super::model::Application;
use super::nested;
use super::nested::Stack;
use super::openapi;
use super::parameter_overrides;
use super::resource;
use super::resource::{HTTP_API, RAW_HTTP_API, RAW_REST_API, REST_API, Resolver};
use super::schema;
use super::yaml;
use crate::files;
use crate::term::error::{Error, Result};

/// The file names that SAM looks for.
pub(crate) const TEMPLATE_NAMES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

/// Returns the template in the first of the folders that has one.
pub(crate) fn find_template<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Option<PathBuf> {
    let paths = folders.into_iter().flat_map(|folder| TEMPLATE_NAMES.map(|name| folder.join(name)));
    paths.into_iter().find(|path| path.is_file())
}

/// Returns the root of the git repository around a folder, or else that of the Cargo workspace, or else
/// the folder itself. A template above it belongs to somebody else.
pub(crate) fn project_root(folder: &Path) -> PathBuf {
    let manifest = |folder: &Path| fs::read_to_string(folder.join("Cargo.toml")).ok();
    let is_workspace = |folder: &&Path| {
        let manifest = manifest(folder).and_then(|text| text.parse::<toml::Table>().ok());
        manifest.is_some_and(|manifest| manifest.contains_key("workspace"))
    };
    let workspace = || folder.ancestors().find(is_workspace);
    let package = || folder.ancestors().find(|folder| manifest(folder).is_some());
    files::git_repository(folder)
        .unwrap_or_else(|| workspace().or_else(package).unwrap_or(folder).to_owned())
}

/// The constructors of an application that is described by a template; the type itself does not
/// depend on the readers.
impl Application {
    /// Reads the template in `folder` or in the nearest folder above it that has one, up to the root of
    /// the project, and returns its path too. A template without functions belongs to something else and
    /// does not count.
    pub(crate) fn nearest(folder: &Path) -> Result<Option<(PathBuf, Self)>> {
        Self::nearest_with(folder, &ConfigChoice::default())
    }

    /// The same, with the parameters of this configuration.
    pub(crate) fn nearest_with(
        folder: &Path,
        config: &ConfigChoice,
    ) -> Result<Option<(PathBuf, Self)>> {
        let root = project_root(folder);
        let inside = folder.ancestors().take_while(|folder| folder.starts_with(&root));
        let Some(path) = find_template(inside) else { return Ok(None) };
        let application = Self::read_with(&path, config)?;
        Ok(Some((path, application)).filter(|(_, application)| !application.functions.is_empty()))
    }

    /// Reads the template at `path`. Errors that only matter for running the functions are left to
    /// [`check`](Self::check).
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::read_with(path, &ConfigChoice::default())
    }

    /// The same, with the parameters of this configuration.
    pub(crate) fn read_with(path: &Path, config: &ConfigChoice) -> Result<Self> {
        Self::parse_with(&read_template(path)?, path, config)
    }

    /// Reads the text of the template at `path`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        Self::parse_with(text, path, &ConfigChoice::default())
    }

    /// The same, with the parameters of this configuration.
    pub(crate) fn parse_with(text: &str, path: &Path, config: &ConfigChoice) -> Result<Self> {
        let overrides = parameter_overrides::of(&SamConfig::beside(path, config));
        read(text, &Stack::outermost(path, &overrides)).map_err(|error| error.in_file(path).into())
    }
}

/// Reads the text of a template.
pub(crate) fn read_template(path: &Path) -> Result<String> {
    files::read_text(path, MAX_FILE_SIZE).map_err(|error| {
        Error::new(format!("cannot read `{}`", path.display()))
            .because(error)
            .hint("it must be a readable text file")
    })
}

pub(super) fn read(text: &str, stack: &Stack<'_>) -> ReadResult<Application> {
    let template = yaml::parse(text)?;
    let mut diagnostics = Diagnostics::new(stack.file);
    let scope = Scope::new(&template, stack.parameters, &stack.name);
    let exact = Scope::new(&template, stack.exact_parameters, &stack.name).without_stand_ins();
    let resolver = Resolver::new(&template, scope)?;
    let exact = Resolver::new(&template, exact)?;
    let mut resources = resource::list(&template, &resolver, &exact)?;
    for resource in &mut resources {
        if matches!(resource.kind, HTTP_API | REST_API | RAW_HTTP_API | RAW_REST_API) {
            let definition = openapi::read(resource, &resolver.scope, &mut diagnostics);
            if let Some(definition) = diagnostics.recover(definition) {
                resource.properties.set("DefinitionBody", definition);
            }
        }
    }

    for (name, node) in template.entries_of("Resources") {
        if name.starts_with("Fn::ForEach::") {
            let message = format!("skipping the resources of `{name}`");
            let hint = "`Fn::ForEach` is evaluated only at deployment";
            diagnostics.warn(Diagnostic::new(node.line, message).hint(hint));
        }
    }
    schema::check(&template, &resources, &mut diagnostics);
    let apis = Apis::read(&resources, &resolver.globals, &mut diagnostics);
    let mut functions = Vec::new();
    for resource in resources.iter().filter(|resource| is_function(resource.kind)) {
        let mut function = function::read(resource, &mut diagnostics)?;
        function.architecture = function.architecture.map_err(|error| error.in_file(stack.file));
        function.endpoints = apis.endpoints(resource);
        function.mappings = event_source_mapping::of_function(resource, &resources);
        function.deployment = deployment::read(resource, &resources, &resolver);
        functions.push(function);
    }
    let mut others: Vec<_> = resources
        .iter()
        .filter(|it| !is_function(it.kind))
        .filter(|it| !matches!(it.kind, HTTP_API | REST_API | "AWS::Lambda::Url"))
        .map(|it| (it.name.to_owned(), it.kind.to_owned()))
        .collect();
    // Nested functions come last: of two equal routes, the one of the outer template wins.
    for resource in &resources {
        if let Some(nested) = nested::read(resource, stack, &mut diagnostics, read)? {
            functions.extend(nested.functions);
            others.extend(nested.others);
            diagnostics.append(nested.diagnostics);
        }
    }
    Ok(Application { functions, others, diagnostics })
}
