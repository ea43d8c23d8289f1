//! An invocation that has begun, of a durable function or of another one.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::json;
use tokio::time::timeout;

use super::driver::{OnOver, SharedExecution};
use super::execution::Execution;
use super::operation::object;
use crate::local::lambda::{FunctionError, FunctionResponse, Invocation, Invoked, Pool};

/// The time for which Lambda waits for the result of a synchronous invocation
/// (<https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html>).
pub(crate) const SYNCHRONOUS: Duration = Duration::from_mins(15);

/// An invocation that has begun.
pub(crate) enum BegunInvocation {
    Plain(Arc<Pool>, Box<Invocation>, OnOver),
    Durable {
        execution: SharedExecution,
        /// It has started with this invocation.
        is_new: bool,
    },
}

impl BegunInvocation {
    /// The ARN of the execution, if the function is durable.
    pub(crate) fn arn(&self) -> Option<String> {
        match self {
            Self::Plain(..) => None,
            Self::Durable { execution, .. } => Some(execution.borrow().id.arn.clone()),
        }
    }

    /// Waits for the end. The limit is for executions only.
    pub(crate) async fn end(self, limit: Option<Duration>) -> Invoked {
        let (execution, is_new) = match self {
            Self::Plain(pool, invocation, on_over) => {
                return pool.invoke(*invocation, on_over).await;
            }
            Self::Durable { execution, is_new } => (execution, is_new),
        };
        let mut changes = execution.subscribe();
        let ended = changes.wait_for(|execution| execution.end.is_some());
        let ended = match limit {
            Some(limit) => timeout(limit, ended).await.ok(),
            None => Some(ended.await),
        };
        let (result, is_cold) = match ended {
            Some(Ok(execution)) => (result(&execution), is_new && execution.is_cold),
            // Waiting fails only without the sender, which is here.
            Some(Err(_)) | None => (Err(FunctionError::TimedOut { limit: SYNCHRONOUS }), false),
        };
        let reason = result.as_ref().err().map(FunctionError::reason);
        Invoked { result, is_cold, reason }
    }
}

/// The response of an execution that has ended.
fn result(execution: &Execution) -> Result<FunctionResponse, FunctionError> {
    let end = execution.end.as_ref();
    let Some(error) = end.and_then(|end| end.error.as_ref()) else {
        let result = end.and_then(|end| end.result.clone());
        let result = result.unwrap_or_else(|| "null".to_owned());
        return Ok(FunctionResponse::Buffered(Bytes::from(result)));
    };
    let payload = object([
        ("errorType", json!(error.error_type)),
        ("errorMessage", json!(error.error_message)),
        ("errorData", json!(error.error_data)),
        ("stackTrace", json!(error.stack_trace)),
    ]);
    let error_type = error.error_type.clone();
    Err(FunctionError::Reported {
        error_type: error_type.unwrap_or_else(|| "Unhandled".to_owned()),
        payload: serde_json::Value::Object(payload).to_string().into(),
    })
}
