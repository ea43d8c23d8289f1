//! The log group of a function.

use serde_json::{Value, json};

use super::client::{Client, explain};
use super::tag;
use crate::aws::aws_cli::Service;
use crate::term::error::Result;
use crate::term::message;

/// Returns the name of the log group of a function.
pub(crate) fn name(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// Creates the log group of a new function, with the tag that allows `scaffold delete` to delete it. Without it, Lambda
/// creates the group with the first log, so that a failure is only a warning.
pub(crate) async fn create(client: &Client, function: &str) {
    let name = name(function);
    let input = json!({ "logGroupName": name, "tags": tag::map(function) });
    let created = client.attempt(Service::Logs, "create-log-group", &input, None).await;
    if let Err(error) = created
        && !error.is("ResourceAlreadyExistsException")
    {
        let error = explain(&error, Service::Logs, &format!("create the log group `{name}`"));
        message::warn_with_hint(
            &error.explain(),
            "Lambda creates it, and `scaffold delete` will not delete it",
        );
    }
}

/// Returns the log group of a function if a deployment created it.
pub(crate) async fn read(client: &Client, function: &str) -> Result<Option<String>> {
    let name = name(function);
    let input = json!({ "logGroupNamePrefix": name });
    let what = format!("read the log group `{name}`");
    let found = client.find_one(Service::Logs, "describe-log-groups", &input, &what).await?;
    let groups = found.as_ref().and_then(|it| it.get("logGroups")?.as_array());
    let text =
        |group: &Value, name: &str| group.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut groups = groups.into_iter().flatten();
    let group = groups.find(|group| text(group, "logGroupName").as_deref() == Some(name.as_str()));
    let Some(arn) = group.and_then(|group| text(group, "arn")) else { return Ok(None) };
    let input = json!({ "resourceArn": arn.trim_end_matches(":*") });
    let tags = client.call(Service::Logs, "list-tags-for-resource", &input, &what).await?;
    Ok(tag::is_in_map(tags.get("tags"), function).then_some(name))
}

/// Deletes a log group.
pub(crate) async fn delete(client: &Client, name: &str) -> Result<()> {
    let input = json!({ "logGroupName": name });
    let what = format!("delete the log group `{name}`");
    client.find_one(Service::Logs, "delete-log-group", &input, &what).await.map(drop)
}
