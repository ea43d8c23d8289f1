//! The calls to AWS: which failures are tried again, and which fix each of the others has.

use std::env;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::aws;
use crate::aws::aws_cli::{AwsCli, CallError, Service};
use crate::process::programs;
use crate::term::error::{Error, Result};
use crate::term::progress;

/// The pauses between calls that AWS refuses because there are too many: about a quarter of a minute together.
const THROTTLED: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// The pause between two looks at a function that AWS changes.
const INTERVAL: Duration = Duration::from_millis(1000);
/// The number of looks: about five minutes.
const MAX_LOOKS: usize = 300;

/// The AWS CLI, and the region that it uses.
#[derive(Debug)]
pub(crate) struct Client {
    aws: AwsCli,
    pub(crate) region: String,
}

impl Client {
    /// Finds the AWS CLI and the region.
    pub(crate) async fn find() -> Result<Self> {
        let aws = AwsCli::find()?;
        let region = region().await.ok_or_else(|| {
            Error::new("no AWS region is set")
                .hint("set `AWS_REGION`, such as `AWS_REGION=eu-central-1`, or run `aws configure`")
        })?;
        Ok(Self { aws, region })
    }

    /// Calls an operation. `what` says what it is for: "create the function `hello`".
    pub(crate) async fn call(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
        what: &str,
    ) -> Result<Value> {
        let result = self.attempt(service, operation, input, None).await;
        result.map_err(|error| explain(&error, service, what))
    }

    /// Reads something; `None` if it does not exist.
    pub(crate) async fn find_one(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
        what: &str,
    ) -> Result<Option<Value>> {
        match self.attempt(service, operation, input, None).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(explain(&error, service, what)),
        }
    }

    /// Calls an operation, and again while AWS refuses it because there are too many calls. `zip` is the file of
    /// its parameter `ZipFile`.
    pub(crate) async fn attempt(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
        zip: Option<&Path>,
    ) -> std::result::Result<Value, CallError> {
        let mut pauses = THROTTLED.into_iter();
        loop {
            let result = match zip {
                Some(zip) => self.aws.upload(service, operation, input, zip).await,
                None => self.aws.call(service, operation, input).await,
            };
            match result {
                Err(error) if error.is_throttled() => match pauses.next() {
                    Some(pause) => sleep(pause).await,
                    None => return Err(error),
                },
                result => return result,
            }
        }
    }

    /// Changes a function, and again after each other update that is in progress. Waits until the change is
    /// complete.
    pub(crate) async fn update(
        &self,
        operation: &str,
        input: &Value,
        zip: Option<&Path>,
        what: &str,
    ) -> Result<Value> {
        const MAX_CONFLICTS: usize = 5;
        let name = input.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
        let function = json!({ "FunctionName": name });
        for _ in 0..MAX_CONFLICTS {
            match self.attempt(Service::Lambda, operation, input, zip).await {
                Err(error) if error.is("ResourceConflictException") => {
                    let until =
                        format!("until the update of `{name}` that is in progress has finished");
                    progress::step("waiting", &until, async {
                        self.settle(&function).await?;
                        sleep(INTERVAL).await;
                        Ok::<_, Error>(())
                    })
                    .await?;
                }
                Err(error) => return Err(explain(&error, Service::Lambda, what)),
                Ok(result) => {
                    if !is_settled(&result)? {
                        self.settle(&function).await?;
                    }
                    return Ok(result);
                }
            }
        }
        Err(Error::new(format!("cannot {what}: other updates of it do not end"))
            .hint("wait until they have finished, and run the command again"))
    }

    /// Waits until a function, or its version or alias, is active and its last update is complete. Returns its
    /// configuration.
    pub(crate) async fn settle(&self, function: &Value) -> Result<Value> {
        let name = function.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
        let what = format!("read the state of the function `{name}`");
        for _ in 0..MAX_LOOKS {
            let operation = "get-function-configuration";
            let configuration = self.call(Service::Lambda, operation, function, &what).await?;
            if is_settled(&configuration)? {
                return Ok(configuration);
            }
            sleep(INTERVAL).await;
        }
        Err(Error::new(format!("the function `{name}` is not ready after five minutes"))
            .hint("run the command again to continue to wait"))
    }
}

/// Returns whether a function can be invoked and changed; fails if its creation or its last update has failed.
fn is_settled(configuration: &Value) -> Result<bool> {
    let text = |name: &str| configuration.get(name).and_then(Value::as_str).unwrap_or_default();
    for (state, reason, what) in [
        ("State", "StateReason", "could not be created"),
        ("LastUpdateStatus", "LastUpdateStatusReason", "could not be updated"),
    ] {
        if text(state) == "Failed" {
            let name = text("FunctionName");
            return Err(Error::new(format!("the function `{name}` {what}"))
                .because(text(reason).to_owned()));
        }
    }
    Ok(text("State") != "Pending" && text("LastUpdateStatus") != "InProgress")
}

/// Turns a failed call into an error with its fix.
pub(crate) fn explain(error: &CallError, service: Service, what: &str) -> Error {
    let fix = if error.is("RequestEntityTooLargeException") || error.is("RequestTooLargeException")
    {
        "Lambda accepts larger zips only from S3: run `scaffold deploy`, with SAM, or deploy a container image"
            .to_owned()
    } else if error.is("CodeStorageExceededException") {
        "delete versions or functions that you do not need: all of a region together have a limit"
            .to_owned()
    } else if error.is_throttled() {
        "AWS limits the number of calls; wait a minute, and run the command again".to_owned()
    } else if error.is("ResourceConflictException") {
        "something else changes it; wait until that has finished, and run the command again"
            .to_owned()
    } else {
        error.fix(service)
    };
    Error::new(format!("cannot {what}")).because(error.to_string()).hint(fix)
}

/// Returns the region of the environment, or else that of the profile. Emulators have any.
async fn region() -> Option<String> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(is_set) || Service::Lambda.is_local() {
        return Some(aws::region());
    }
    let program = programs::find("aws")?;
    let region = programs::ask(&program, ["configure", "get", "region"]).await.ok()?;
    Some(region).filter(|region| !region.is_empty())
}
