//! The URL of a function, and the permission to call it.

use serde_json::{Value, json};

use super::client::Client;
use super::permission;
use super::plan::{Action, Change, difference};
use super::settings::UrlSettings;
use crate::aws::aws_cli::Service;
use crate::cli::UrlAuth;
use crate::sam::Cors;
use crate::term::error::Result;
use crate::term::progress;

/// The change of a function URL.
#[derive(Debug)]
pub(crate) struct UrlPlan {
    pub(crate) change: Change,
    /// The properties, as the operations take them.
    properties: Value,
    changes_url: bool,
    /// The statements of the policy that anybody needs to call it.
    missing: Vec<permission::Statement>,
    /// The ids of statements that allow too much.
    superfluous: Vec<&'static str>,
}

/// A function URL on AWS.
#[derive(Debug)]
pub(crate) struct DeployedUrl {
    configuration: Value,
}

impl DeployedUrl {
    /// Reads the URL of a function or its alias; `None` if it has none.
    pub(crate) async fn read(client: &Client, function: &Value) -> Result<Option<Self>> {
        let what = "read the function URL";
        let operation = "get-function-url-config";
        let found = client.find_one(Service::Lambda, operation, function, what).await?;
        Ok(found.map(|configuration| Self { configuration }))
    }

    /// Its address.
    pub(crate) fn address(&self) -> &str {
        self.configuration.get("FunctionUrl").and_then(Value::as_str).unwrap_or_default()
    }

    /// Deletes it, with the permission to call it.
    pub(crate) async fn delete(client: &Client, function: &Value, policy: &[String]) -> Result<()> {
        let what = "delete the function URL";
        let delete = client.find_one(Service::Lambda, "delete-function-url-config", function, what);
        progress::step("deleting", "the function URL", delete).await?;
        for id in permission::PUBLIC_URL.iter().filter(|id| policy.iter().any(|it| it == *id)) {
            permission::remove(client, function, id).await?;
        }
        Ok(())
    }
}

impl UrlPlan {
    /// Compares a URL with the one on AWS. `policy` has the ids of the statements there.
    pub(crate) fn new(
        settings: &UrlSettings,
        deployed: Option<&DeployedUrl>,
        policy: &[String],
    ) -> Self {
        let mode = if settings.stream { "RESPONSE_STREAM" } else { "BUFFERED" };
        // An empty configuration removes the one on AWS.
        let cors = settings.cors.as_ref().map_or_else(|| json!({}), cors);
        let properties =
            json!({ "AuthType": settings.auth.name(), "InvokeMode": mode, "Cors": cors });
        let mut differences = Vec::new();
        if let Some(deployed) = deployed {
            let text = |value: &Value, name: &str| {
                value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let old = &deployed.configuration;
            differences.extend(difference(
                "authorization",
                &text(old, "AuthType"),
                settings.auth.name(),
            ));
            let old_mode = text(old, "InvokeMode").to_uppercase();
            differences.extend(difference("invoke mode", &old_mode, mode));
            let old_cors = old.get("Cors").filter(|it| !it.is_null()).cloned();
            if normalized(&old_cors.unwrap_or_else(|| json!({}))) != normalized(&cors) {
                differences.push("CORS".to_owned());
            }
        }
        let changes_url = deployed.is_none() || !differences.is_empty();
        let has = |id: &str| policy.iter().any(|it| it == id);
        let is_public = settings.auth == UrlAuth::None;
        let statements = permission::public_url().into_iter();
        let missing: Vec<_> = statements.filter(|it| is_public && !has(&it.id)).collect();
        let superfluous = permission::PUBLIC_URL
            .into_iter()
            .filter(|id| !is_public && has(id))
            .collect::<Vec<_>>();
        if deployed.is_some() {
            differences.extend(missing.iter().map(|it| format!("add the statement `{}`", it.id)));
            differences.extend(superfluous.iter().map(|id| format!("remove the statement `{id}`")));
        } else {
            let who = if is_public { "anybody can call it" } else { "callers need permission" };
            differences.push(who.to_owned());
        }
        let action = match deployed {
            Some(_) => Action::for_existing(&differences),
            None => Action::Create,
        };
        let change = Change { action, resource: "function URL", name: String::new(), differences };
        Self { change, properties, changes_url, missing, superfluous }
    }

    /// Creates or changes the URL and the policy, and returns its address.
    pub(crate) async fn apply(&self, client: &Client, function: &Value) -> Result<String> {
        let (operation, verb) = match self.change.action {
            Action::Create => ("create-function-url-config", "creating"),
            _ => ("update-function-url-config", "updating"),
        };
        for id in &self.superfluous {
            permission::remove(client, function, id).await?;
        }
        if self.changes_url {
            let input = permission::merged(function, &self.properties);
            let what =
                format!("{} the function URL", operation.split('-').next().unwrap_or_default());
            let change = client.call(Service::Lambda, operation, &input, &what);
            progress::step(verb, "the function URL", change).await?;
        }
        for statement in &self.missing {
            let what = format!("`{}` in the policy of the function", statement.id);
            progress::step("adding", &what, permission::add(client, function, statement)).await?;
        }
        let deployed = DeployedUrl::read(client, function).await?;
        Ok(deployed.map(|it| it.address().to_owned()).unwrap_or_default())
    }
}

/// Returns a CORS configuration as function URLs and HTTP APIs have it.
pub(crate) fn cors(cors: &Cors) -> Value {
    normalized(&json!({
        "AllowOrigins": cors.allow_origins,
        "AllowMethods": cors.allow_methods,
        "AllowHeaders": cors.allow_headers,
        "ExposeHeaders": cors.expose_headers,
        "AllowCredentials": cors.allow_credentials,
        "MaxAge": cors.max_age,
    }))
}

/// Leaves out what is the same as nothing.
pub(crate) fn normalized(cors: &Value) -> Value {
    let is_set = |value: &Value| match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::Array(items) => !items.is_empty(),
        Value::String(_) | Value::Object(_) => true,
    };
    let entries = cors.as_object().into_iter().flatten().filter(|(_, value)| is_set(value));
    Value::Object(entries.map(|(name, value)| (name.clone(), value.clone())).collect())
}
