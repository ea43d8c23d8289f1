//! The function to deploy: its template, and where its code comes from.

use std::path::Path;

use super::artifacts::CodeSource;
use crate::cli::DirectArgs;
use crate::files;
use crate::local::application::LocalApplication;
use crate::local::warnings::Warnings;
use crate::sam::{Application, ConfigChoice, TemplateFunction};
use crate::term::error::{Error, Result};
use crate::term::{message, quote};

/// A function of the user's project.
#[derive(Debug)]
pub(crate) struct Project {
    /// The function as the template describes it, or with nothing but defaults.
    pub(crate) function: TemplateFunction,
    pub(crate) has_template: bool,
    /// The name on AWS if neither the template nor a flag has one.
    pub(crate) default_name: String,
    /// The other resources of the template.
    pub(crate) others: Vec<(String, String)>,
    pub(crate) source: CodeSource,
}

impl Project {
    /// Finds the function.
    pub(crate) fn find(arguments: &DirectArgs) -> Result<Self> {
        match &arguments.binary {
            Some(path) => Self::of_executable(path, arguments.name.as_deref()),
            None => Self::of_package(arguments.name.as_deref(), arguments.manifest_path.as_deref()),
        }
    }

    /// Takes an executable or zip that exists, for a function of the nearest template.
    fn of_executable(path: &Path, name: Option<&str>) -> Result<Self> {
        let here = files::current_folder()?;
        let source = CodeSource::File(path.to_owned());
        let Some((_, application)) = Application::nearest(&here)? else {
            let name = name.ok_or_else(|| {
                Error::new("the function has no name")
                    .hint("write `scaffold deploy --direct NAME`")
                    .usage()
            })?;
            let application = Application::single_function(name, &here);
            let function = application.functions.into_iter().next();
            let function = function.ok_or_else(|| Error::new("no function"))?;
            return Ok(Self {
                function,
                has_template: false,
                default_name: name.to_owned(),
                others: Vec::new(),
                source,
            });
        };
        application.check()?;
        for (message, hint) in application.warnings() {
            message::warn_with_hint(&message, hint);
        }
        let Application { functions, others, .. } = application;
        let names: Vec<String> = functions.iter().map(|it| it.name.clone()).collect();
        let is_named = |it: &TemplateFunction| name.is_none_or(|name| it.is_named(name));
        let mut found = functions.into_iter().filter(is_named);
        match (found.next(), found.next(), name) {
            (Some(_), Some(_), None) => Err(Error::new(format!(
                "more than one function: {}",
                quote::list_quoted(&names, "and")
            ))
            .hint("choose one: `scaffold deploy --direct NAME`")
            .usage()),
            (Some(function), ..) => Ok(Self {
                default_name: function.logical_id().to_owned(),
                function,
                has_template: true,
                others,
                source,
            }),
            (None, ..) => {
                Err(Error::new(format!("no function named `{}`", name.unwrap_or_default()))
                    .hint(format!("the functions are: {}", quote::list_quoted(&names, "and"))))
            }
        }
    }

    /// Takes a function that is built from the user's workspace.
    fn of_package(name: Option<&str>, manifest_path: Option<&Path>) -> Result<Self> {
        let mut application = LocalApplication::read(
            manifest_path,
            &ConfigChoice::default(),
            &mut Warnings::default(),
        )?;
        let has_template = !application.template.files().is_empty();
        let is_only = application.template.functions.len() < 2;
        let others = std::mem::take(&mut application.template.others);
        // Without a template, the name is that on AWS.
        let chosen = application.choose(name.filter(|_| has_template), "deploy --direct")?;
        let (function, binary) = (chosen.function, chosen.binary);
        let default_name = match name.filter(|_| !has_template) {
            Some(name) => name.to_owned(),
            None if is_only => binary.function().to_owned(),
            None => function.logical_id().to_owned(),
        };
        let source = CodeSource::Package(Box::new(binary));
        Ok(Self { function, has_template, default_name, others, source })
    }
}
