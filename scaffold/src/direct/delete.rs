//! Deletes a function with everything that a deployment without SAM has created for it.

use serde_json::json;

use super::client::Client;
use super::function::DeployedFunction;
use super::http_api::DeployedApi;
use super::image::Repository;
use super::log_group;
use super::plan::Change;
use super::role::{self, Role};
use super::url::DeployedUrl;
use crate::aws::aws_cli::Service;
use crate::term::error::{Error, Result};
use crate::term::progress;

/// Everything that is deleted.
#[derive(Debug)]
pub(crate) struct Deletion {
    client: Client,
    name: String,
    has_function: bool,
    url: Option<DeployedUrl>,
    api: Option<DeployedApi>,
    role: Option<Role>,
    log_group: Option<String>,
    repository: Option<Repository>,
}

impl Deletion {
    /// Finds everything that belongs to a function. With `force`, a function that somebody else has created is
    /// deleted too, but nothing else with it.
    pub(crate) async fn find(name: &str, force: bool) -> Result<Self> {
        let client = Client::find().await?;
        let function = DeployedFunction::read(&client, name).await?;
        let is_own = function.as_ref().is_none_or(DeployedFunction::is_own);
        if let Some(function) = &function {
            check(function, force)?;
        }
        let input = json!({ "FunctionName": name });
        let url = match &function {
            Some(_) => DeployedUrl::read(&client, &input).await?,
            None => None,
        };
        let mut found = Self {
            has_function: function.is_some(),
            name: name.to_owned(),
            url,
            api: None,
            role: None,
            log_group: None,
            repository: None,
            client,
        };
        if !is_own {
            return Ok(found);
        }
        let client = &found.client;
        let role = role::name(name, &client.region);
        let is_image = function.as_ref().is_none_or(|it| it.text("/PackageType") == "Image");
        let (api, role, log_group) = tokio::join!(
            DeployedApi::read(client, name),
            Role::read(client, &role, name),
            log_group::read(client, name),
        );
        let repository = if is_image { Repository::read(client, name).await? } else { None };
        found.api = api?;
        found.role = role?.filter(|role| role.is_own);
        found.log_group = log_group?;
        found.repository = repository.filter(|repository| repository.is_own);
        if !found.has_function && found.changes().is_empty() {
            let region = &found.client.region;
            return Err(Error::new(format!("no function `{name}` in {region}"))
                .hint("set `AWS_REGION` and `AWS_PROFILE` to where it is"));
        }
        Ok(found)
    }

    /// Returns what is deleted, in order.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let deletion = |resource, name: &str| Change::deletion(resource, name);
        let mut changes = Vec::new();
        changes.extend(self.api.as_ref().map(|api| deletion("HTTP API", &api.address)));
        changes.extend(self.url.as_ref().map(|url| deletion("function URL", url.address())));
        changes.extend(self.has_function.then(|| deletion("function", &self.name)));
        changes.extend(self.repository.as_ref().map(|it| deletion("repository", &it.name)));
        changes.extend(self.log_group.as_ref().map(|name| deletion("log group", name)));
        changes.extend(self.role.as_ref().map(|role| deletion("role", &role.name)));
        changes
    }

    /// Returns the title of what is deleted.
    pub(crate) fn title(&self) -> String {
        format!("to delete in {}:", self.client.region)
    }

    /// Deletes everything. The role comes last, because its name is found without the rest.
    pub(crate) async fn run(self) -> Result<()> {
        let client = &self.client;
        if let Some(api) = &self.api {
            api.delete(client).await?;
        }
        if self.has_function {
            // Its URL, policy, versions and aliases go with it.
            let input = json!({ "FunctionName": self.name });
            let what = format!("delete the function `{}`", self.name);
            let delete = client.find_one(Service::Lambda, "delete-function", &input, &what);
            progress::step("deleting", &format!("the function `{}`", self.name), delete).await?;
        }
        if let Some(repository) = &self.repository {
            repository.delete(client).await?;
        }
        if let Some(name) = &self.log_group {
            let delete = log_group::delete(client, name);
            progress::step("deleting", &format!("the log group `{name}`"), delete).await?;
        }
        if let Some(role) = &self.role {
            let what = format!("the role `{}`", role.name);
            progress::step("deleting", &what, role.delete(client)).await?;
        }
        Ok(())
    }
}

/// Refuses functions that somebody else has created.
fn check(function: &DeployedFunction, force: bool) -> Result<()> {
    let name = function.text("/FunctionName");
    if let Some(stack) = function.stack() {
        return Err(Error::new(format!(
            "the function `{name}` belongs to the CloudFormation stack `{stack}`"
        ))
        .hint(format!("delete the whole stack: `sam delete --stack-name {stack}`")));
    }
    if force || function.is_own() {
        return Ok(());
    }
    Err(Error::new(format!("`scaffold deploy --direct` did not create the function `{name}`"))
        .hint("pass `--force` to delete the function alone; its role, API and logs stay"))
}
