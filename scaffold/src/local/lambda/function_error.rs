//! Function errors, and the payload that Lambda returns to the caller instead of a response.

use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// The reason why an invocation, or the init phase, failed.
#[derive(Clone, Debug)]
pub(crate) enum FunctionError {
    /// The function reported an error to the Runtime API.
    Reported {
        /// The type in Lambda's reports, such as `Runtime.Unknown`.
        error_type: String,
        /// The function's own report, which the caller receives.
        payload: Bytes,
    },
    /// An extension in the function's process reported an error.
    Extension {
        /// The type in Lambda's reports.
        error_type: &'static str,
        /// The extension's own report, which the caller receives.
        payload: Bytes,
    },
    /// The response exceeds the limit; both in bytes.
    ResponseTooLarge { size: usize, limit: usize },
    /// The process could not be started.
    NotStarted { reason: String },
    /// The process has ended.
    Exited { status: Exit },
    /// The function's timeout has passed.
    TimedOut { limit: Duration },
}

impl FunctionError {
    /// The error type in Lambda's reports.
    pub(crate) fn error_type(&self) -> &str {
        match self {
            Self::Reported { error_type, .. } => error_type,
            Self::Extension { error_type, .. } => error_type,
            Self::ResponseTooLarge { .. } => "Function.ResponseSizeTooLarge",
            Self::NotStarted { .. } => "Runtime.InvalidEntrypoint",
            Self::Exited { .. } => "Runtime.ExitError",
            Self::TimedOut { .. } => "Sandbox.Timedout",
        }
    }

    /// Returns whether the instance cannot handle another invocation.
    pub(crate) fn is_fatal(&self) -> bool {
        match self {
            Self::Reported { .. } | Self::ResponseTooLarge { .. } => false,
            Self::Extension { .. }
            | Self::NotStarted { .. }
            | Self::Exited { .. }
            | Self::TimedOut { .. } => true,
        }
    }

    /// A hint for the author of a function whose init phase failed with this error.
    pub(crate) fn init_hint(&self) -> Option<&'static str> {
        matches!(self, Self::Exited { status: Exit::Success })
            .then_some("does its `main` handle events? `#[lambda_handler]` generates one that does")
    }

    /// The payload that the caller receives instead of a response.
    pub(crate) fn payload(&self, request_id: &str) -> Bytes {
        match self {
            Self::Reported { payload, .. } | Self::Extension { payload, .. } => payload.clone(),
            error => error_body(error.error_type(), &error.message(request_id)).into(),
        }
    }

    /// Describes the error to the function's author, in the log of `scaffold dev`.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Reported { error_type, payload } => {
                format!("the function failed: {}", error_text(error_type, payload))
            }
            Self::Extension { error_type, payload } => {
                format!("an extension failed: {}", error_text(error_type, payload))
            }
            Self::ResponseTooLarge { size, limit } => {
                format!("the response has {size} bytes; Lambda's limit is {limit}")
            }
            Self::NotStarted { reason } => reason.clone(),
            Self::Exited { status } => format!("the function exited: {status}"),
            Self::TimedOut { limit } => {
                format!("the function timed out after {:.2} seconds", limit.as_secs_f64())
            }
        }
    }

    /// Lambda's message.
    pub(super) fn message(&self, request_id: &str) -> String {
        match self {
            Self::Reported { error_type, .. } => error_type.clone(),
            Self::Extension { error_type, .. } => (*error_type).to_owned(),
            Self::ResponseTooLarge { size, limit } => format!(
                "Response payload size ({size} bytes) exceeded maximum allowed payload size \
                 ({limit} bytes)."
            ),
            Self::NotStarted { reason } => format!("RequestId: {request_id} Error: {reason}"),
            Self::Exited { status: Exit::Success } => {
                format!("RequestId: {request_id} Error: Runtime exited without providing a reason")
            }
            Self::Exited { status } => {
                format!("RequestId: {request_id} Error: Runtime exited with error: {status}")
            }
            Self::TimedOut { limit } => format!(
                "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
                limit.as_secs_f64()
            ),
        }
    }
}

/// Formats the error that a function reported as `Type: message`.
pub(crate) fn error_text(error_type: &str, payload: &[u8]) -> String {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Body {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let body: Body = serde_json::from_slice(payload).unwrap_or_default();
    let error_type = body.error_type.as_deref().unwrap_or(error_type);
    match body.error_message {
        Some(message) => format!("{error_type}: {message}"),
        None => error_type.to_owned(),
    }
}

/// Formats an error as Lambda does.
pub(super) fn error_body(error_type: &str, message: &str) -> String {
    let [error_type, message] = [error_type, message].map(Value::from);
    format!(r#"{{"errorType":{error_type},"errorMessage":{message}}}"#)
}

/// The exit of a process.
#[derive(Clone, Debug)]
pub(crate) enum Exit {
    Success,
    Failure(String),
}

impl From<io::Result<ExitStatus>> for Exit {
    fn from(status: io::Result<ExitStatus>) -> Self {
        match status {
            Ok(status) if status.success() => Self::Success,
            Ok(status) => Self::Failure(match status.code() {
                Some(code) => format!("exit status {code}"),
                None => status.to_string(),
            }),
            Err(error) => Self::Failure(error.to_string()),
        }
    }
}

/// Formats the status as Lambda does: `exit status 1`. A signal is `signal: 9 (SIGKILL)`.
impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => formatter.write_str("exit status 0"),
            Self::Failure(status) => formatter.write_str(status),
        }
    }
}
