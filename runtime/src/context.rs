//! What a function may know of the invocation that it answers.

use std::env;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::client::Invocation;

/// The invocation that a function answers: its id, its deadline, who is asking.
///
/// It is lent to the function for the time of the call; taken by value it is a copy.
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
    pub(crate) function: Arc<Function>,
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

/// What Lambda tells a function about itself, read once from the environment.
#[derive(Debug, Default)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) memory_mb: u32,
}

impl Function {
    pub(crate) fn from_env() -> Self {
        let text = |name| env::var(name).unwrap_or_default();
        Self {
            name: text("AWS_LAMBDA_FUNCTION_NAME"),
            version: text("AWS_LAMBDA_FUNCTION_VERSION"),
            memory_mb: text("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").parse().unwrap_or_default(),
        }
    }
}

impl Context {
    pub(crate) fn of(function: Arc<Function>) -> Self {
        Self { function, ..Self::default() }
    }

    /// Takes over what the Runtime API says of an invocation, into the strings that are there.
    pub(crate) fn set(&mut self, invocation: &Invocation<'_>) {
        invocation.request_id.clone_into(&mut self.request_id);
        self.deadline_ms = invocation.deadline_ms;
        assign(&mut self.invoked_function_arn, invocation.invoked_function_arn);
        assign(&mut self.trace_id, invocation.trace_id);
        assign(&mut self.invocation_id, invocation.invocation_id);
        assign(&mut self.client_context, invocation.client_context);
        assign(&mut self.cognito_identity, invocation.cognito_identity);
        assign(&mut self.tenant_id, invocation.tenant_id);
    }

    /// The id of the request, as in Lambda's logs and in the caller's `x-amzn-RequestId`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When Lambda stops the invocation; `None` where it did not say.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_millis(self.deadline_ms?))
    }

    /// The time left until the deadline, zero once it has passed; `None` where there is none.
    #[must_use]
    pub fn remaining_time(&self) -> Option<Duration> {
        let deadline = self.deadline()?;
        Some(deadline.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// The ARN that the caller used: of the function, a version or an alias.
    #[must_use]
    pub fn invoked_function_arn(&self) -> Option<&str> {
        self.invoked_function_arn.as_deref()
    }

    /// The X-Ray tracing header, such as `Root=1-…;Parent=…;Sampled=1`.
    ///
    /// Some runtimes also put it into the environment variable `_X_AMZN_TRACE_ID`. This one does
    /// not: to change the environment while other threads may read it is not safe in Rust. Give it
    /// to a tracing library from here.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// What the caller sent beside the event, as JSON that `T` can be read from: the `ClientContext`
    /// of Lambda's Invoke API, as the mobile SDKs send it. `None` where there is nothing.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use lambda_native::{Context, Failure};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct ClientContext<'a> {
    ///     #[serde(borrow)]
    ///     custom: BTreeMap<&'a str, &'a str>,
    /// }
    ///
    /// async fn greet(_: (), context: &Context) -> Result<String, Failure> {
    ///     let client: Option<ClientContext<'_>> = context.client_context()?;
    ///     let name = client.and_then(|client| client.custom.get("name").copied());
    ///     Ok(format!("hello {}", name.unwrap_or("world")))
    /// }
    /// ```
    ///
    /// # Errors
    /// `Runtime.MalformedContext` if it is not JSON or not a `T`.
    pub fn client_context<'c, T: Deserialize<'c>>(&'c self) -> Result<Option<T>, Failure> {
        read("client context", self.client_context.as_deref())
    }

    /// Who the caller is by Amazon Cognito; `None` where Cognito did not take part.
    ///
    /// # Errors
    /// `Runtime.MalformedContext` if it is not the JSON that Lambda's documentation promises.
    pub fn cognito_identity(&self) -> Result<Option<CognitoIdentity>, Failure> {
        read("Cognito identity", self.cognito_identity.as_deref())
    }

    /// The tenant that the invocation is for, where the function isolates its tenants.
    #[must_use]
    pub fn tenant_id(&self) -> Option<&str> {
        self.tenant_id.as_deref()
    }

    /// The function's name, from `AWS_LAMBDA_FUNCTION_NAME`.
    #[must_use]
    pub fn function_name(&self) -> &str {
        &self.function.name
    }

    /// The function's version, from `AWS_LAMBDA_FUNCTION_VERSION`: a number or `$LATEST`.
    #[must_use]
    pub fn function_version(&self) -> &str {
        &self.function.version
    }

    /// The memory that the function may use, in MB, from `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; 0 where
    /// it is not said.
    #[must_use]
    pub fn memory_mb(&self) -> u32 {
        self.function.memory_mb
    }
}

/// Reads JSON that came in a header.
fn read<'c, T: Deserialize<'c>>(what: &str, json: Option<&'c str>) -> Result<Option<T>, Failure> {
    json.map(serde_json::from_str).transpose().map_err(|error| {
        Failure::new("Runtime.MalformedContext", format!("cannot read the {what}: {error}"))
    })
}

/// Sets `slot` to `value`, in the memory that it has.
fn assign(slot: &mut Option<String>, value: Option<&str>) {
    match (slot, value) {
        (Some(text), Some(value)) => value.clone_into(text),
        (slot, value) => *slot = value.map(str::to_owned),
    }
}
