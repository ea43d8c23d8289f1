//! The account, and what the project in a folder tells about its functions there.

use std::path::Path;

use crate::aws::aws_cli::AwsCli;
use crate::sam::config_file;
use crate::sam::{Application, ConfigChoice, SamConfig, TemplateFunction};
use crate::term::error::{Error, Result};
use crate::term::quote;

use super::function::RemoteFunction;
use super::stack::Stack;

/// The user's choice of a stack and of an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemoteChoice {
    pub(crate) stack: Option<String>,
    /// The environment of SAM's configuration file.
    pub(crate) config_env: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
}

impl RemoteChoice {
    /// Its flags, with their values.
    fn flags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { stack, config_env, region, profile } = self;
        let flags = [
            ("--stack", stack),
            ("--config-env", config_env),
            ("--region", region),
            ("--profile", profile),
        ];
        flags.into_iter().filter_map(|(flag, value)| Some((flag, value.as_deref()?)))
    }

    /// The first flag that is given.
    pub(crate) fn first_flag(&self) -> Option<&'static str> {
        self.flags().next().map(|(flag, _)| flag)
    }
}

/// The account, and the functions of the project.
#[derive(Debug)]
pub(crate) struct RemoteProject {
    pub(crate) aws: AwsCli,
    /// The functions of the template.
    pub(crate) functions: Vec<TemplateFunction>,
    /// The stack of the functions.
    pub(crate) stack: Option<String>,
    /// The user has named the stack.
    is_stack_given: bool,
    /// The flags with which another command finds the same functions.
    pub(crate) flags: String,
}

impl RemoteProject {
    /// Reads the project around `folder`, if there is one. Stack, region and profile that are not chosen are those
    /// of SAM's configuration file.
    pub(crate) fn read(folder: &Path, choice: RemoteChoice) -> Result<Self> {
        let aws = AwsCli::find()?;
        let flags = choice.flags().map(|(flag, value)| format!(" {flag} {}", quote::quote(value)));
        let flags = flags.collect();
        let RemoteChoice { stack, config_env, region, profile } = choice;
        let choice = ConfigChoice { environment: config_env, file: None };
        let (functions, config) = match Application::nearest_with(folder, &choice)? {
            Some((template, application)) => {
                config_file::check(&template, &choice)?;
                (application.functions, SamConfig::beside(&template, &choice))
            }
            None => (Vec::new(), SamConfig::default()),
        };
        let parameter = |name: &str| config.text("deploy", name);
        let region = region.or_else(|| parameter("region"));
        let profile = profile.or_else(|| parameter("profile"));
        Ok(Self {
            aws: aws.with(region, profile),
            functions,
            is_stack_given: stack.is_some(),
            stack: stack.or_else(|| parameter("stack_name")),
            flags,
        })
    }

    /// Finds a function by its name in the template or on AWS. Without a name, the template must have only one.
    pub(crate) async fn find(&self, name: Option<&str>) -> Result<RemoteFunction> {
        let Some(name) = name.or_else(|| Some(&*self.only_function()?.name)) else {
            let names: Vec<_> = self.functions.iter().map(|function| &function.name).collect();
            let missing = Error::new("no function name is given").usage();
            return Err(match names.as_slice() {
                [] => missing.hint("name one of those that `scaffold list --remote` prints"),
                _ => missing.hint(format!("name one: {}", quote::list_quoted(&names, "or"))),
            });
        };
        let own = self.functions.iter().find(|function| function.is_named(name));
        if let Some(deployed) = own.and_then(|function| function.function_name.as_ref()) {
            return Ok(RemoteFunction { name: deployed.clone(), stack: None });
        }
        // A name that the project does not have is one on AWS, unless the user has named the stack too.
        let is_in_stack = own.is_some() || self.is_stack_given || self.functions.is_empty();
        if let Some(stack_name) = self.stack.as_ref().filter(|_| is_in_stack) {
            let stack = self.stack().await?;
            let path = own.map_or(name, |function| &function.name);
            if let Some(mut stack) = stack
                && let Some(deployed) = stack.function(path).await?
            {
                return Ok(RemoteFunction { name: deployed, stack: Some(stack_name.clone()) });
            }
        }
        // `scaffold deploy --direct` uses the name of the template.
        Ok(RemoteFunction { name: name.to_owned(), stack: None })
    }

    /// Reads the stack, if one is known. One that the user has named must exist.
    pub(super) async fn stack(&self) -> Result<Option<Stack<'_>>> {
        let Some(name) = &self.stack else { return Ok(None) };
        if self.is_stack_given {
            Stack::read(&self.aws, name).await.map(Some)
        } else {
            Stack::find(&self.aws, name).await
        }
    }

    fn only_function(&self) -> Option<&TemplateFunction> {
        match self.functions.as_slice() {
            [function] => Some(function),
            _ => None,
        }
    }
}
