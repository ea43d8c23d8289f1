//! The alias of a function, which points to one of its published versions.

use serde_json::{Value, json};

use super::client::Client;
use super::function::DeployedFunction;
use super::plan::{Action, Change};
use crate::aws::aws_cli::Service;
use crate::term::error::Result;
use crate::term::progress;

/// The properties of the configuration that a version has in common with the function that it was published from.
const COMPARED: [&str; 11] = [
    "Architectures",
    "CodeSha256",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
];

/// The change of an alias.
#[derive(Debug)]
pub(crate) struct AliasPlan {
    pub(crate) change: Change,
}

impl AliasPlan {
    /// Compares an alias with the function, which may be about to change.
    pub(crate) async fn read(
        client: &Client,
        alias: &str,
        function: &str,
        deployed: Option<&DeployedFunction>,
        function_changes: bool,
    ) -> Result<Self> {
        let change = |action, differences| Change {
            action,
            resource: "alias",
            name: alias.to_owned(),
            differences,
        };
        let input = json!({ "FunctionName": function, "Name": alias });
        let what = format!("read the alias `{alias}` of the function `{function}`");
        let found = match deployed {
            Some(_) => client.find_one(Service::Lambda, "get-alias", &input, &what).await?,
            None => None,
        };
        let (Some(found), Some(deployed)) = (found, deployed) else {
            return Ok(Self { change: change(Action::Create, Vec::new()) });
        };
        let version = found.get("FunctionVersion").and_then(Value::as_str).unwrap_or_default();
        let input = json!({ "FunctionName": function, "Qualifier": version });
        let operation = "get-function-configuration";
        let published = client.find_one(Service::Lambda, operation, &input, &what).await?;
        let published = published.unwrap_or_default();
        let is_same = |name: &&str| published.get(name) == deployed.configuration.get(name);
        let differences = if !function_changes && COMPARED.iter().all(is_same) {
            Vec::new()
        } else {
            vec![format!("version {version} → a new version")]
        };
        Ok(Self { change: change(Action::for_existing(&differences), differences) })
    }

    /// Publishes a version, and points the alias to it. Returns the version.
    pub(crate) async fn apply(&self, client: &Client, function: &str) -> Result<String> {
        let alias = &self.change.name;
        let input = json!({ "FunctionName": function });
        let what = format!("publish a version of the function `{function}`");
        let publish = client.update("publish-version", &input, None, &what);
        let published =
            progress::step("publishing", &format!("a version of `{function}`"), publish).await?;
        let version = published.get("Version").and_then(Value::as_str).unwrap_or_default();
        let version = version.to_owned();
        self.wait(client, function, &version).await?;
        let (operation, verb) = match self.change.action {
            Action::Create => ("create-alias", "creating"),
            _ => ("update-alias", "moving"),
        };
        let input = json!({ "FunctionName": function, "Name": alias, "FunctionVersion": version });
        let what = format!("set the alias `{alias}` of the function `{function}`");
        let set = client.call(Service::Lambda, operation, &input, &what);
        progress::step(verb, &format!("the alias `{alias}` to version {version}"), set).await?;
        Ok(version)
    }

    /// Waits until a published version can be invoked.
    async fn wait(&self, client: &Client, function: &str, version: &str) -> Result<()> {
        let until = format!("until version {version} is active");
        let version = json!({ "FunctionName": function, "Qualifier": version });
        progress::step("waiting", &until, client.settle(&version)).await?;
        Ok(())
    }
}
