//! The names of executions.

use std::sync::Arc;

use uuid::Uuid;

use crate::aws;
use crate::sam::logical_id;

/// Returns whether this can name an execution: `DurableExecutionName` in the API reference of Lambda.
pub(crate) fn is_execution_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// Identifies an execution.
#[derive(Clone, Debug)]
pub(crate) struct ExecutionId {
    /// The function's name in the template.
    pub(crate) function: Arc<str>,
    pub(crate) function_arn: String,
    pub(crate) name: String,
    pub(crate) arn: String,
}

impl ExecutionId {
    /// The id of a new execution. Without a name it gets a random one, as on Lambda.
    pub(crate) fn new(function: &str, name: Option<&str>) -> Self {
        let name = name.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let function_arn = format!("{}:$LATEST", aws::function_arn(logical_id(function)));
        let id = Uuid::new_v4();
        let arn = format!("{function_arn}/durable-execution/{name}/{id}");
        Self { function: function.into(), function_arn, name, arn }
    }
}
