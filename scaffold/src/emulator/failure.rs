//! Why a function gave no response, and what Lambda gives its caller instead.

use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::Value;

/// What an instance does in place of its work.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The function told the Runtime API, in the words that its caller gets.
    Reported {
        /// As in Lambda's reports, such as `Runtime.Unknown`; the function's own is in the payload.
        error_type: String,
        payload: Bytes,
    },
    /// The response is too large; sizes in bytes.
    ResponseTooLarge { size: usize, limit: usize },
    /// The process could not be started.
    NotStarted { reason: String },
    /// The process is gone.
    Exited { status: Exit },
    /// It took too long.
    TimedOut { limit: Duration },
}

impl Failure {
    /// The class of the failure in Lambda's reports.
    pub(crate) fn error_type(&self) -> &str {
        match self {
            Self::Reported { error_type, .. } => error_type,
            Self::ResponseTooLarge { .. } => "Function.ResponseSizeTooLarge",
            Self::NotStarted { .. } => "Runtime.InvalidEntrypoint",
            Self::Exited { .. } => "Runtime.ExitError",
            Self::TimedOut { .. } => "Sandbox.Timedout",
        }
    }

    /// Whether the instance is of no more use.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::NotStarted { .. } | Self::Exited { .. } | Self::TimedOut { .. })
    }

    /// What the caller gets in place of a response.
    pub(crate) fn payload(&self, request_id: &str) -> Bytes {
        match self {
            Self::Reported { payload, .. } => payload.clone(),
            failure => error_body(failure.error_type(), &failure.message(request_id)).into(),
        }
    }

    /// Lambda's words for it.
    pub(super) fn message(&self, request_id: &str) -> String {
        match self {
            Self::Reported { error_type, .. } => error_type.clone(),
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

/// The form that Lambda gives every error.
pub(super) fn error_body(error_type: &str, message: &str) -> String {
    let [error_type, message] = [error_type, message].map(Value::from);
    format!(r#"{{"errorType":{error_type},"errorMessage":{message}}}"#)
}

/// How a process ended.
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

/// `exit status 1`, as Lambda says it, or `signal: 9 (SIGKILL)`.
impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => formatter.write_str("exit status 0"),
            Self::Failure(status) => formatter.write_str(status),
        }
    }
}
