//! The functions that run locally: those of the template, each with its binary in the workspace.

use std::path::{Path, PathBuf};
use std::time::Duration;

use heck::ToKebabCase;

use super::environment::{FunctionEnvironment, GivenEnvironment};
use super::token_keys::TokenKeys;
use super::warnings::Warnings;
use crate::aws::BOOTSTRAP;
use crate::build::cargo::{Binary, CargoWorkspace};
use crate::local::lambda::{DEBUG_TIMEOUT, FunctionConfiguration};
use crate::sam;
use crate::sam::config_file;
use crate::sam::{ApiAuthorizer, ApiKind, Application, ConfigChoice, TemplateFunction};
use crate::term::error::{Error, Result};

/// A workspace and the application that its template describes.
#[derive(Debug)]
pub(crate) struct LocalApplication {
    pub(crate) workspace: CargoWorkspace,
    /// The contents of the template.
    pub(crate) template: Application,
    /// The functions that are built here: their indices in the application, and their binaries.
    binaries: Vec<(usize, Binary)>,
    /// The variables that functions get beside those of the template.
    pub(crate) environment: FunctionEnvironment,
}

/// A function and the binary that it is built from.
#[derive(Debug)]
pub(crate) struct LocalFunction {
    /// The path that identifies its [project](LocalApplication::project).
    pub(crate) project: PathBuf,
    pub(crate) function: TemplateFunction,
    pub(crate) binary: Binary,
}

impl LocalFunction {
    /// Describes the function of a binary without a template.
    pub(crate) fn of_binary(binary: Binary) -> Result<Option<Self>> {
        let function = application_of(&binary)?.functions.into_iter().next();
        let project = canonical(binary.folder());
        Ok(function.map(|function| Self { project, function, binary }))
    }
}

/// Configures `function` to run `executable`, which was built from `binary`.
pub(crate) fn configuration(
    function: &TemplateFunction,
    binary: &Binary,
    executable: PathBuf,
    environment: &FunctionEnvironment,
    no_credentials: bool,
    debug: bool,
) -> FunctionConfiguration {
    FunctionConfiguration {
        name: function.name.clone(),
        executable,
        folder: binary.folder().to_owned(),
        handler: function.handler.clone().unwrap_or_else(|| binary.name.clone()),
        memory_mb: function.memory_mb,
        timeout: if debug { DEBUG_TIMEOUT } else { function.timeout },
        max_concurrency: None,
        isolates_tenants: function.isolates_tenants,
        durable: None,
        environment: environment.of(function),
        no_credentials,
        debug,
    }
}

impl LocalApplication {
    /// Reads the project of this manifest, or else the nearest one, with the template beside it or in a
    /// folder above. Without a template, the project is one function.
    pub(crate) fn read(
        manifest_path: Option<&Path>,
        config: &ConfigChoice,
        warnings: &mut Warnings,
    ) -> Result<Self> {
        warnings.begin();
        let workspace = CargoWorkspace::read(manifest_path.map(Path::to_owned))?;
        match template(manifest_path, &workspace) {
            Some(template) => Self::of_template(workspace, template, config, warnings),
            None => Self::without_template(workspace),
        }
    }

    /// Reads the variables that functions get beside those of the template.
    pub(crate) fn read_environment(
        &mut self,
        given: &GivenEnvironment,
        warnings: &mut Warnings,
    ) -> Result<()> {
        self.environment = given.read(&self.project(), warnings)?;
        for (function, _) in self.functions() {
            self.environment.warn_about_unset(function, warnings);
        }
        Ok(())
    }

    /// Warns about routes that have an authorizer on AWS and none here.
    pub(super) fn warn_open_routes(&self, keys: &TokenKeys, warnings: &mut Warnings) {
        let hint = "only JWT authorizers of HTTP APIs, and Lambda authorizers whose function is in this \
                    project, run locally";
        let mut open: Vec<(String, &str, Vec<String>)> = Vec::new();
        for function in &self.template.functions {
            for endpoint in &function.endpoints {
                let (problem, hint) = match endpoint.authorizer.as_deref() {
                    Some(ApiAuthorizer::Remote { kind, name }) => {
                        (format!("the {kind} authorizer `{name}` is not emulated"), hint)
                    }
                    Some(ApiAuthorizer::Jwt(authorizer)) if keys.of(authorizer).is_none() => {
                        let (name, reason) = (&authorizer.name, keys.reason(authorizer));
                        let problem =
                            format!("the JWT authorizer `{name}` cannot check tokens: {reason}");
                        (problem, "name a file or a URL with the keys of the issuer with `--jwks`")
                    }
                    Some(ApiAuthorizer::Lambda(authorizer)) if !self.has(&authorizer.function) => {
                        let name = &authorizer.name;
                        (format!("the Lambda authorizer `{name}` is not emulated"), hint)
                    }
                    _ => continue,
                };
                let route = match endpoint.api.kind {
                    ApiKind::FunctionUrl { .. } => format!("the URL of `{}`", function.name),
                    _ => format!("`{}`", endpoint.route_key()),
                };
                match open.iter_mut().find(|(other, ..)| *other == problem) {
                    Some((.., routes)) => routes.push(route),
                    None => open.push((problem, hint, vec![route])),
                }
            }
        }
        for (problem, hint, routes) in open {
            let routes = routes.join(", ");
            warnings.warn(&format!("{problem}; these routes are open locally: {routes}"), hint);
        }
    }

    /// The path that identifies the project among those that share a target folder: its template, or
    /// without one the folder of its package.
    pub(crate) fn project(&self) -> PathBuf {
        let template = self.template.files().first().map(PathBuf::as_path);
        let package = || self.binaries.first().map(|(_, binary)| binary.folder());
        canonical(template.or_else(package).unwrap_or_else(|| self.workspace.root()))
    }

    /// The functions that are built here, with their binaries.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&TemplateFunction, &Binary)> {
        self.binaries
            .iter()
            .filter_map(|(index, binary)| Some((self.template.functions.get(*index)?, binary)))
    }

    /// Returns whether the function that Lambda's clients know by this name is built here.
    fn has(&self, name: &str) -> bool {
        self.functions().any(|(function, _)| function.is_named(name))
    }

    /// Reads the project of this manifest, or else the nearest one, if it has a template.
    pub(crate) fn with_template(
        manifest_path: Option<&Path>,
        config: &ConfigChoice,
    ) -> Result<Option<Self>> {
        let workspace = CargoWorkspace::read(manifest_path.map(Path::to_owned))?;
        template(manifest_path, &workspace)
            .map(|it| Self::of_template(workspace, it, config, &mut Warnings::default()))
            .transpose()
    }

    /// Finds a function by its name in the template, on AWS or in the workspace. Without a name, there
    /// must be only one. `command` is the one that the user typed.
    pub(crate) fn choose(mut self, name: Option<&str>, command: &str) -> Result<LocalFunction> {
        let is_named = |function: &TemplateFunction, binary: &Binary| {
            name.is_none_or(|name| function.is_named(name) || binary.function() == name)
        };
        let names = || {
            let names = self.functions().map(|(function, _)| format!("`{}`", function.name));
            names.collect::<Vec<_>>().join(", ")
        };
        let all = self.functions().enumerate();
        let mut found = all.filter(|(_, (function, binary))| is_named(function, binary));
        match (found.next(), found.next(), name) {
            (Some((_, (first, _))), Some(_), None) => {
                Err(Error::new(format!("more than one function: {}", names()))
                    .hint(format!("choose one: `scaffold {command} {}`", first.name)))
            }
            (None, ..) => {
                Err(Error::new(format!("no function named `{}`", name.unwrap_or_default()))
                    .hint(format!("the functions are: {}", names())))
            }
            // Several functions can be built from the binary of that name.
            (Some((chosen, _)), ..) => {
                drop(found);
                let project = self.project();
                let (index, binary) = self.binaries.swap_remove(chosen);
                let function = self.template.functions.swap_remove(index);
                Ok(LocalFunction { project, function, binary })
            }
        }
    }

    fn of_template(
        workspace: CargoWorkspace,
        template: PathBuf,
        config: &ConfigChoice,
        warnings: &mut Warnings,
    ) -> Result<Self> {
        config_file::check(&template, config)?;
        let application = Application::read_with(&template, config)?;
        application.check()?;
        for (message, hint) in application.warnings() {
            warnings.warn(&message, hint);
        }
        let all = workspace.binaries(true);
        let mut binaries = Vec::new();
        let mut missing = Vec::new();
        for (index, function) in application.functions.iter().enumerate() {
            match binary(function, &all) {
                Ok(binary) => binaries.push((index, binary.clone())),
                Err(why) => missing.push((function, why)),
            }
        }
        let none = binaries.is_empty();
        for (function, why) in missing {
            let message = format!("no binary for `{}`: {why}", function.name);
            let hint = "set `CodeUri` to the folder of a package with a binary named `bootstrap`, or \
                        `Handler` to the name of a binary";
            if none {
                return Err(Error::new(message).hint(hint));
            }
            warnings.warn(&message, hint);
        }
        if none {
            return Err(Error::new(format!("no function in `{}`", template.display()))
                .hint("add a resource of the type `AWS::Serverless::Function`"));
        }
        Ok(Self {
            workspace,
            template: application,
            binaries,
            environment: FunctionEnvironment::default(),
        })
    }

    fn without_template(workspace: CargoWorkspace) -> Result<Self> {
        let all = workspace.binaries(false);
        let bootstraps: Vec<_> = all.iter().filter(|binary| binary.name == BOOTSTRAP).collect();
        let binary = match (bootstraps.as_slice(), all.as_slice()) {
            ([binary], _) => (*binary).clone(),
            ([], [binary]) => binary.clone(),
            ([], []) => {
                return Err(Error::new("no binary in this project").hint("add `src/main.rs`"));
            }
            _ => {
                return Err(Error::new(
                    "several binaries, and no template that assigns requests to them",
                )
                .hint("add a `template.yaml`, or run the command in the folder of one package"));
            }
        };
        let template = application_of(&binary)?;
        Ok(Self {
            workspace,
            template,
            binaries: vec![(0, binary)],
            environment: FunctionEnvironment::default(),
        })
    }
}

/// Describes a project without a template, with the settings of its manifest.
fn application_of(binary: &Binary) -> Result<Application> {
    let mut application = Application::single_function(binary.function(), binary.folder());
    let settings = binary.settings();
    for function in &mut application.functions {
        if let Some(architecture) = settings.architecture()? {
            function.architecture = Ok(architecture);
        }
        if let Some(memory_mb) = settings.memory_mb()? {
            function.memory_mb = memory_mb;
        }
        if let Some(seconds) = settings.timeout()? {
            function.timeout = Duration::from_secs(seconds.into());
        }
    }
    Ok(application)
}

/// Returns the functions of an application that run this binary.
pub(crate) fn functions_of<'a>(
    application: &'a Application,
    runs: &Binary,
) -> Vec<&'a TemplateFunction> {
    let Ok(workspace) = CargoWorkspace::read(Some(runs.manifest_path().to_owned())) else {
        return Vec::new();
    };
    let all = workspace.binaries(true);
    let functions = application.functions.iter();
    functions.filter(|it| binary(it, &all).is_ok_and(|binary| binary == runs)).collect()
}

/// Finds the template in the folder of the manifest, or else in the current folder, or in a folder above
/// it, up to the workspace's root.
fn template(manifest_path: Option<&Path>, workspace: &CargoWorkspace) -> Option<PathBuf> {
    let root = workspace.root();
    let folder = match manifest_path {
        Some(path) => {
            dunce::canonicalize(path).ok().and_then(|path| path.parent().map(Path::to_owned))
        }
        None => std::env::current_dir().ok(),
    };
    let folder = folder.unwrap_or_else(|| root.to_owned());
    let below = folder.ancestors().take_while(|folder| folder.starts_with(root));
    sam::find_template(below.chain(std::iter::once(root)))
}

fn canonical(path: &Path) -> PathBuf {
    dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Finds the binary of a function.
fn binary<'a>(
    function: &TemplateFunction,
    all: &'a [Binary],
) -> std::result::Result<&'a Binary, String> {
    if let Some(name) = &function.binary {
        let mut named = all.iter().filter(|binary| binary.name == *name);
        return named.next().ok_or_else(|| format!("the workspace has no binary `{name}`"));
    }
    let code = canonical(&function.code);
    let folder = |binary: &Binary| canonical(binary.folder());
    // Those of the package in that folder, else of the packages below, else of the package around it.
    let here = |binary: &&Binary| folder(binary) == code;
    let below = |binary: &&Binary| folder(binary).starts_with(&code);
    let around = |binary: &&Binary| code.starts_with(folder(binary));
    let mut candidates: Vec<&Binary> = all.iter().filter(here).collect();
    if candidates.is_empty() {
        candidates = all.iter().filter(below).collect();
    }
    if candidates.is_empty() {
        candidates = all.iter().filter(around).collect();
    }

    let only = |accepts: &dyn Fn(&Binary) -> bool| {
        let mut accepted = candidates.iter().filter(|binary| accepts(binary));
        accepted.next().filter(|_| accepted.next().is_none()).copied()
    };
    let handler = function.handler.as_deref().filter(|handler| *handler != BOOTSTRAP);
    let name = function.logical_id().to_kebab_case();
    let short = name.strip_suffix("-function").unwrap_or(&name);
    let is_named = |text: &str| {
        let text = text.to_kebab_case();
        text == name || text == short
    };
    only(&|binary| handler == Some(binary.name.as_str()))
        .or_else(|| only(&|binary| binary.name == BOOTSTRAP))
        .or_else(|| only(&|binary| is_named(&binary.name)))
        .or_else(|| only(&|binary| binary.name == BOOTSTRAP && is_named(&binary.package)))
        .or_else(|| only(&|_| true))
        .ok_or_else(|| match candidates.as_slice() {
            [] => format!("no package in `{}` has one", function.code.display()),
            [..] => {
                let names: Vec<_> =
                    candidates.iter().map(|b| format!("`{}` of `{}`", b.name, b.package)).collect();
                format!("it could be {}", names.join(", "))
            }
        })
}
