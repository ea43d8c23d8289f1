//! What a function can find out about its invocation.

use std::env;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The invocation that a function handles: its id, its deadline, its caller.
///
/// A function takes it by reference, or by value as a copy.
///
/// ```
/// use lambda_native::Context;
///
/// async fn report(rows: Vec<u32>, context: &Context) -> String {
///     format!("{}: {} rows", context.request_id(), rows.len())
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub(crate) request_id: String,
    pub(crate) deadline_ms: Option<u64>,
    pub(crate) invoked_function_arn: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) invocation_id: Option<String>,
    pub(crate) client_context: Option<String>,
    pub(crate) cognito_identity: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) function: Arc<FunctionInfo>,
}

/// The caller's identity in Amazon Cognito.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CognitoIdentity {
    /// The identity that Cognito has authenticated.
    #[serde(rename = "cognitoIdentityId")]
    pub identity_id: String,
    /// The identity pool that it belongs to.
    #[serde(rename = "cognitoIdentityPoolId")]
    pub identity_pool_id: String,
}

/// The function's own settings, read once from the environment.
#[derive(Debug, Default)]
pub(crate) struct FunctionInfo {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) memory_mb: u32,
    pub(crate) log_group: String,
    pub(crate) log_stream: String,
}

impl FunctionInfo {
    pub(crate) fn from_env() -> Self {
        let text = |name| env::var(name).unwrap_or_default();
        Self {
            name: text("AWS_LAMBDA_FUNCTION_NAME"),
            version: text("AWS_LAMBDA_FUNCTION_VERSION"),
            memory_mb: text("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").parse().unwrap_or_default(),
            log_group: text("AWS_LAMBDA_LOG_GROUP_NAME"),
            log_stream: text("AWS_LAMBDA_LOG_STREAM_NAME"),
        }
    }
}

impl Context {
    pub(crate) fn of(function: Arc<FunctionInfo>) -> Self {
        Self { function, ..Self::default() }
    }

    /// Returns the id of the request, as in Lambda's logs and in the caller's `x-amzn-RequestId`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Returns the time at which Lambda stops the invocation; `None` if Lambda set none.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_millis(self.deadline_ms?))
    }

    /// Returns the time until the deadline, zero after it; `None` if there is no deadline.
    #[must_use]
    pub fn remaining_time(&self) -> Option<Duration> {
        let deadline = self.deadline()?;
        Some(deadline.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// Returns the ARN that the caller used: of the function, a version or an alias.
    #[must_use]
    pub fn invoked_function_arn(&self) -> Option<&str> {
        self.invoked_function_arn.as_deref()
    }

    /// Returns the X-Ray tracing header, such as `Root=1-…;Parent=…;Sampled=1`.
    ///
    /// Some runtimes also put it into the environment variable `_X_AMZN_TRACE_ID`. This one does
    /// not: in Rust it is unsafe to change the environment while other threads can read it. Clients of the AWS SDK
    /// have it from the feature `aws-sdk`; pass it to a tracing library yourself.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Reads the JSON that the caller sent beside the event: the `ClientContext` of Lambda's Invoke
    /// API, which the mobile SDKs send. Returns `None` if the caller sent none.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use lambda_native::{Context, Error};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct ClientContext {
    ///     custom: BTreeMap<String, String>,
    /// }
    ///
    /// async fn greet(_: (), context: &Context) -> Result<String, Error> {
    ///     let client: Option<ClientContext> = context.client_context()?;
    ///     let name = client.as_ref().and_then(|client| client.custom.get("name"));
    ///     Ok(format!("hello {}", name.map_or("world", String::as_str)))
    /// }
    /// ```
    ///
    /// # Errors
    /// `Runtime.MalformedContext` if it is not JSON or not a `T`.
    pub fn client_context<'c, T: Deserialize<'c>>(&'c self) -> Result<Option<T>, Error> {
        read("client context", self.client_context.as_deref())
    }

    /// Returns the caller's identity in Amazon Cognito; `None` for other callers.
    ///
    /// # Errors
    /// `Runtime.MalformedContext` if it is not the JSON that Lambda's documentation describes.
    pub fn cognito_identity(&self) -> Result<Option<CognitoIdentity>, Error> {
        self.cognito_identity_as()
    }

    /// Returns the caller's identity in Amazon Cognito as another type than [`CognitoIdentity`].
    pub(crate) fn cognito_identity_as<'c, T: Deserialize<'c>>(
        &'c self,
    ) -> Result<Option<T>, Error> {
        read("Cognito identity", self.cognito_identity.as_deref())
    }

    /// Returns the tenant that the invocation is for, if the function isolates its tenants.
    #[must_use]
    pub fn tenant_id(&self) -> Option<&str> {
        self.tenant_id.as_deref()
    }

    /// Returns the function's name, from `AWS_LAMBDA_FUNCTION_NAME`.
    #[must_use]
    pub fn function_name(&self) -> &str {
        &self.function.name
    }

    /// Returns the function's version, from `AWS_LAMBDA_FUNCTION_VERSION`: a number or `$LATEST`.
    #[must_use]
    pub fn function_version(&self) -> &str {
        &self.function.version
    }

    /// Returns the function's memory in MB, from `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; 0 if that is not
    /// set.
    #[must_use]
    pub fn memory_mb(&self) -> u32 {
        self.function.memory_mb
    }

    /// Returns the name of the function's log group, from `AWS_LAMBDA_LOG_GROUP_NAME`.
    #[must_use]
    pub fn log_group(&self) -> &str {
        &self.function.log_group
    }

    /// Returns the name of the log stream of this process, from `AWS_LAMBDA_LOG_STREAM_NAME`.
    #[must_use]
    pub fn log_stream(&self) -> &str {
        &self.function.log_stream
    }
}

/// Reads JSON from a header.
fn read<'c, T: Deserialize<'c>>(what: &str, json: Option<&'c str>) -> Result<Option<T>, Error> {
    json.map(serde_json::from_str).transpose().map_err(|error| {
        Error::new("Runtime.MalformedContext", format!("cannot read the {what}: {error}"))
    })
}
