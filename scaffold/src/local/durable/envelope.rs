//! The event with which Lambda invokes a durable function, and the response to it.

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::operation::ErrorObject;
use crate::local::lambda::FunctionError;

/// The bytes of the operations in an event. The function asks for the others.
pub(super) const MAX_OPERATIONS: usize = 5 * 1024 * 1024;

/// The event of an invocation.
pub(super) fn event(
    arn: &str,
    token: &str,
    (operations, marker): (Vec<Value>, Option<String>),
    updated: &[String],
) -> Bytes {
    let event = json!({
        "DurableExecutionArn": arn,
        "CheckpointToken": token,
        "InitialExecutionState": {
            "Operations": operations,
            "NextMarker": marker.unwrap_or_default(),
        },
        "UpdatedOperationIds": updated,
    });
    event.to_string().into()
}

/// The response of a durable function.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EnvelopeResponse {
    Succeeded(Option<String>),
    Failed(ErrorObject),
    /// The execution goes on once an operation completes.
    Pending,
}

impl EnvelopeResponse {
    /// Parses a response. The error says why it is invalid.
    pub(super) fn parse(response: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", expecting = "an object with `Status`")]
        struct Body {
            status: Option<String>,
            result: Option<String>,
            error: Option<ErrorObject>,
        }
        let Body { status, result, error } = serde_json::from_slice(response)
            .map_err(|error| format!("The response is not that of a durable function: {error}"))?;
        match status.as_deref() {
            Some("SUCCEEDED") if error.is_some() => {
                Err("Cannot provide an Error for SUCCEEDED status.".to_owned())
            }
            Some("SUCCEEDED") => Ok(Self::Succeeded(result)),
            Some("FAILED") if result.is_some() => {
                Err("Cannot provide a Result for FAILED status.".to_owned())
            }
            Some("FAILED") => Ok(Self::Failed(error.unwrap_or_default())),
            Some("PENDING") => Ok(Self::Pending),
            Some(other) => Err(format!("Unexpected invocation status: {other}")),
            None => Err("Response status is required".to_owned()),
        }
    }
}

/// The error of an invocation as an operation or an execution carries it.
pub(super) fn error_of(error: &FunctionError, request_id: &str) -> ErrorObject {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Body {
        error_type: Option<String>,
        error_message: Option<String>,
        stack_trace: Option<Vec<String>>,
    }
    let payload = error.payload(request_id);
    let body: Body = serde_json::from_slice(&payload).unwrap_or_default();
    ErrorObject {
        error_type: body.error_type.or_else(|| Some(error.error_type().to_owned())),
        error_message: body.error_message,
        error_data: None,
        stack_trace: body.stack_trace,
    }
}
