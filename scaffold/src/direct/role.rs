//! The execution role of a function: the identity with which its code calls AWS.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::Client;
use super::tag;
use crate::aws::aws_cli::Service;
use crate::term::error::{Error, Result};

/// The managed policies that a role gets: to write logs, and to write traces.
const LOGS_POLICY: &str = "service-role/AWSLambdaBasicExecutionRole";
const TRACES_POLICY: &str = "AWSXRayDaemonWriteAccess";

/// The longest name that IAM accepts.
const MAX_NAME: usize = 64;

/// A role that was made for a function.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// A deployment without SAM created it.
    pub(crate) is_own: bool,
    /// The ARNs of its managed policies.
    policies: Vec<String>,
}

/// Returns the name of the role of a function. Roles belong to no region, but functions do.
pub(crate) fn name(function: &str, region: &str) -> String {
    let name = format!("lambda-native-{function}-{region}");
    if name.len() <= MAX_NAME {
        return name;
    }
    let digest = Sha256::digest(&name);
    let digest = digest.as_slice().first_chunk().copied().map_or(0, u32::from_be_bytes);
    let digest = format!("{digest:08x}");
    let rest: String = name.chars().take(MAX_NAME - digest.len() - 1).collect();
    format!("{rest}-{digest}")
}

impl Role {
    /// Reads the role of this name; `None` if it does not exist.
    pub(crate) async fn read(client: &Client, name: &str, function: &str) -> Result<Option<Self>> {
        let input = json!({ "RoleName": name });
        let what = format!("read the role `{name}`");
        let (role, attached) = tokio::join!(
            client.find_one(Service::Iam, "get-role", &input, &what),
            client.find_one(Service::Iam, "list-attached-role-policies", &input, &what),
        );
        let Some(role) = role? else { return Ok(None) };
        let Some(role) = role.get("Role") else { return Ok(None) };
        let attached = attached?;
        let policies = attached.iter().filter_map(|it| it.get("AttachedPolicies")?.as_array());
        let arn = |policy: &Value| policy.get("PolicyArn")?.as_str().map(str::to_owned);
        Ok(Some(Self {
            name: name.to_owned(),
            arn: role.get("Arn").and_then(Value::as_str).unwrap_or_default().to_owned(),
            is_own: tag::is_on_list(role.get("Tags"), function),
            policies: policies.flatten().filter_map(arn).collect(),
        }))
    }

    /// Refuses a role of somebody else.
    pub(crate) fn check(self) -> Result<Self> {
        if self.is_own {
            return Ok(self);
        }
        let name = &self.name;
        let message =
            format!("there is a role `{name}`, which `scaffold deploy --direct` did not create");
        Err(Error::new(message).hint("pass `--role ARN` to use it or another one"))
    }

    /// Creates a role that Lambda can assume.
    pub(crate) async fn create(client: &Client, name: &str, function: &str) -> Result<Self> {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": "sts:AssumeRole",
            }],
        });
        let input = json!({
            "RoleName": name,
            "Description": format!("Execution role of the Lambda function {function}"),
            "AssumeRolePolicyDocument": trust.to_string(),
            "Tags": tag::list(function),
        });
        let what = format!("create the role `{name}`");
        let output = client.call(Service::Iam, "create-role", &input, &what).await?;
        let arn = output.pointer("/Role/Arn").and_then(Value::as_str).unwrap_or_default();
        Ok(Self { name: name.to_owned(), arn: arn.to_owned(), is_own: true, policies: Vec::new() })
    }

    /// Returns the policies that it still needs, by the last part of their ARNs.
    pub(crate) fn missing(&self, tracing: bool) -> Vec<&'static str> {
        let is_missing = |policy: &&str| !self.policies.iter().any(|arn| arn.ends_with(policy));
        Self::needed(tracing).into_iter().filter(is_missing).collect()
    }

    /// Returns the policies that a role needs.
    pub(crate) fn needed(tracing: bool) -> Vec<&'static str> {
        if tracing { vec![LOGS_POLICY, TRACES_POLICY] } else { vec![LOGS_POLICY] }
    }

    /// Attaches policies.
    pub(crate) async fn attach(&self, client: &Client, policies: &[&str]) -> Result<()> {
        // `aws`, or `aws-cn` or `aws-us-gov`.
        let partition = self.arn.split(':').nth(1).unwrap_or("aws");
        for policy in policies {
            let arn = format!("arn:{partition}:iam::aws:policy/{policy}");
            let input = json!({ "RoleName": self.name, "PolicyArn": arn });
            let what = format!("attach the policy `{policy}` to the role `{}`", self.name);
            client.call(Service::Iam, "attach-role-policy", &input, &what).await?;
        }
        Ok(())
    }

    /// Deletes it.
    pub(crate) async fn delete(&self, client: &Client) -> Result<()> {
        for policy in &self.policies {
            let input = json!({ "RoleName": self.name, "PolicyArn": policy });
            let what = format!("detach a policy from the role `{}`", self.name);
            client.find_one(Service::Iam, "detach-role-policy", &input, &what).await?;
        }
        let input = json!({ "RoleName": self.name });
        let what = format!("delete the role `{}`", self.name);
        client.find_one(Service::Iam, "delete-role", &input, &what).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_have_the_length_that_iam_accepts() {
        assert_eq!(name("hello", "eu-central-1"), "lambda-native-hello-eu-central-1");
        let (one, other) = ("a".repeat(64), format!("{}b", "a".repeat(63)));
        assert_eq!(name(&one, "eu-central-1").len(), 64);
        assert_ne!(name(&one, "eu-central-1"), name(&other, "eu-central-1"));
    }
}
