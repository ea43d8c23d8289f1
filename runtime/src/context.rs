//! What a function may know of the invocation that it answers.

use std::env;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
    pub(crate) function: Arc<Function>,
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
    }

    /// The id of the request, as in Lambda's logs and in the caller's `x-amzn-RequestId`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When Lambda stops the invocation; `None` where it did not say.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        self.deadline_ms.map(|ms| UNIX_EPOCH + Duration::from_millis(ms))
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
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
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

/// Sets `slot` to `value`, in the memory that it has.
fn assign(slot: &mut Option<String>, value: Option<&str>) {
    match (slot, value) {
        (Some(text), Some(value)) => value.clone_into(text),
        (slot, value) => *slot = value.map(str::to_owned),
    }
}
