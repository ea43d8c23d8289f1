//! Which functions there are, and which binary of the workspace each of them is.

use std::path::{Path, PathBuf};

use heck::ToKebabCase;

use crate::application::{self, Application, Authorizer, Function, Kind};
use crate::cargo::{BOOTSTRAP, Binary, Workspace};
use crate::error::{self, Error, Result};
use crate::shell;

/// A project, read.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) workspace: Workspace,
    pub(crate) application: Application,
    /// For each function of the application that is built here, its place there and its binary.
    pub(crate) binaries: Vec<(usize, Binary)>,
}

impl Plan {
    /// Reads the project of this manifest, or of the nearest, and of the template beside it or above.
    pub(crate) fn read(manifest_path: Option<&Path>) -> Result<Self> {
        let workspace = Workspace::read(manifest_path.map(Path::to_owned))?;
        match template(manifest_path, &workspace) {
            Some(template) => {
                let plan = Self::of_template(workspace, template)?;
                plan.warn_unchecked();
                Ok(plan)
            }
            None => Self::of_one(workspace),
        }
    }

    /// Tells which requests reach their functions though an authorizer would be asked on AWS.
    fn warn_unchecked(&self) {
        let mut unchecked: Vec<(String, Vec<String>)> = Vec::new();
        for function in &self.application.functions {
            for endpoint in &function.endpoints {
                let authorizer = match endpoint.authorizer.as_deref() {
                    Some(Authorizer::Remote { kind, name }) => {
                        format!("{kind} authorizer `{name}`")
                    }
                    Some(Authorizer::Lambda(authorizer)) if !self.has(&authorizer.function) => {
                        format!("Lambda authorizer `{}`", authorizer.name)
                    }
                    _ => continue,
                };
                let route = match endpoint.api.kind {
                    Kind::FunctionUrl { .. } => format!("the URL of `{}`", function.name),
                    _ => format!("`{}`", endpoint.key()),
                };
                match unchecked.iter_mut().find(|(other, _)| *other == authorizer) {
                    Some((_, routes)) => routes.push(route),
                    None => unchecked.push((authorizer, vec![route])),
                }
            }
        }
        for (authorizer, routes) in unchecked {
            error::warn(
                &format!("requests are not checked by the {authorizer}: {}", routes.join(", ")),
                "AWS checks them; here only functions of the project are asked",
            );
        }
    }

    /// Whether a function that clients of Lambda call so is built here.
    fn has(&self, name: &str) -> bool {
        let mut built =
            self.binaries.iter().filter_map(|(index, _)| self.application.functions.get(*index));
        built.any(|function| function.is_called(name))
    }

    /// The same, where there is a template.
    pub(crate) fn with_template(manifest_path: Option<&Path>) -> Result<Option<Self>> {
        let workspace = Workspace::read(manifest_path.map(Path::to_owned))?;
        template(manifest_path, &workspace)
            .map(|template| Self::of_template(workspace, template))
            .transpose()
    }

    /// The function that the user means: the one called so in the template or on AWS, or else the only
    /// one.
    pub(crate) fn choose(&self, name: Option<&str>) -> Result<&(usize, Binary)> {
        let functions = &self.application.functions;
        let called = |(index, binary): &&(usize, Binary)| {
            let function = functions.get(*index);
            name.is_none_or(|name| {
                function.is_some_and(|function| function.is_called(name))
                    || binary.function() == name
            })
        };
        let mut found = self.binaries.iter().filter(called);
        let names = || {
            let names = self.binaries.iter().filter_map(|(index, _)| functions.get(*index));
            names.map(|function| format!("`{}`", function.name)).collect::<Vec<_>>().join(", ")
        };
        match (found.next(), found.next(), name) {
            (Some(only), None, _) => Ok(only),
            // By its own name first: several may be of one binary.
            (Some(first), Some(_), Some(_)) => Ok(first),
            (Some((index, _)), Some(_), None) => {
                let first = functions.get(*index).map_or("", |function| function.name.as_str());
                Err(Error::new(format!("more than one function: {}", names()))
                    .hint(format!("name one: `scaffold invoke {first}`")))
            }
            (None, ..) => {
                Err(Error::new(format!("no function named `{}`", name.unwrap_or_default()))
                    .hint(format!("there is {}", names())))
            }
        }
    }

    fn of_template(workspace: Workspace, template: PathBuf) -> Result<Self> {
        let application = Application::read(&template)?;
        application.check()?;
        application.warn();
        let all = workspace.binaries(true);
        let mut binaries = Vec::new();
        let mut missing = Vec::new();
        for (index, function) in application.functions.iter().enumerate() {
            let is_unset = |name: &&String| std::env::var_os(name).is_none();
            let unknown: Vec<_> = function.unknown.iter().filter(is_unset).collect();
            if let Some(first) = unknown.first() {
                let names = unknown.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
                error::warn(
                    &format!(
                        "not set for `{}`, as only a deployment tells: {}",
                        function.name,
                        names.join(", ")
                    ),
                    &format!("set it where `scaffold` runs: `{}`", shell::set_variable(first, "…")),
                );
            }
            match choose(function, &all) {
                Ok(binary) => binaries.push((index, binary.clone())),
                Err(why) => missing.push((function, why)),
            }
        }
        let none = binaries.is_empty();
        for (function, why) in missing {
            let message = format!("no binary for `{}`: {why}", function.name);
            let hint = "its `CodeUri` is to be the folder of a package with a binary `bootstrap`, or \
                        name one as `Handler`";
            if none {
                return Err(Error::new(message).hint(hint));
            }
            error::warn(&message, hint);
        }
        if none {
            return Err(Error::new(format!("no function in `{}`", template.display()))
                .hint("`AWS::Serverless::Function` is the type of one"));
        }
        Ok(Self { workspace, application, binaries })
    }

    fn of_one(workspace: Workspace) -> Result<Self> {
        let all = workspace.binaries(false);
        let bootstraps: Vec<_> = all.iter().filter(|binary| binary.name == BOOTSTRAP).collect();
        let binary = match (bootstraps.as_slice(), all.as_slice()) {
            ([binary], _) => (*binary).clone(),
            ([], [binary]) => binary.clone(),
            ([], []) => {
                return Err(
                    Error::new("no binary in this project").hint("Lambda needs `src/main.rs`")
                );
            }
            _ => {
                return Err(Error::new(
                    "more than one binary, and no template that says what is \
                                       for which requests",
                )
                .hint("write a `template.yaml`, or go to one package's folder"));
            }
        };
        let application = Application::of_one(binary.function(), binary.folder());
        Ok(Self { workspace, application, binaries: vec![(0, binary)] })
    }
}

/// The template in the manifest's folder, or in this one, or above it, up to the workspace's.
fn template(manifest_path: Option<&Path>, workspace: &Workspace) -> Option<PathBuf> {
    let root = workspace.root();
    let folder = match manifest_path {
        Some(path) => {
            dunce::canonicalize(path).ok().and_then(|path| path.parent().map(Path::to_owned))
        }
        None => std::env::current_dir().ok(),
    };
    let folder = folder.unwrap_or_else(|| root.to_owned());
    let below = folder.ancestors().take_while(|folder| folder.starts_with(root));
    application::find(below.chain(std::iter::once(root)))
}

/// The binary that a function is.
fn choose<'a>(function: &Function, all: &'a [Binary]) -> std::result::Result<&'a Binary, String> {
    if let Some(name) = &function.binary {
        let mut named = all.iter().filter(|binary| binary.name == *name);
        return named.next().ok_or_else(|| format!("the workspace has no binary `{name}`"));
    }
    let code = dunce::canonicalize(&function.code).unwrap_or_else(|_| function.code.clone());
    let folder = |binary: &Binary| {
        dunce::canonicalize(binary.folder()).unwrap_or_else(|_| binary.folder().to_owned())
    };
    // Those of the package there, else of the packages below, else of the package around.
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
            [] => format!("`{}` has none", function.code.display()),
            [..] => {
                let names: Vec<_> =
                    candidates.iter().map(|b| format!("`{}` of `{}`", b.name, b.package)).collect();
                format!("it may be {}", names.join(", "))
            }
        })
}
