//! The environment variables that Lambda gives a function.

use std::net::SocketAddr;
use std::path::Path;

use time::OffsetDateTime;
use uuid::Uuid;

use super::instance::Function;
use crate::application::{logical_id, region};

/// What the user's environment must not pass on: it would change what the instance is.
pub(super) const REMOVED: [&str; 2] = ["AWS_LAMBDA_MAX_CONCURRENCY", "_X_AMZN_TRACE_ID"];

/// The variables of an instance whose Runtime API is at `api`.
/// The later ones win: a template cannot change what is Lambda's own.
pub(super) fn variables(function: &Function, api: SocketAddr) -> Vec<(&str, String)> {
    let today = OffsetDateTime::now_utc().date();
    let stream = format!(
        "{}/{:02}/{:02}/[$LATEST]{}",
        today.year(),
        u8::from(today.month()),
        today.day(),
        Uuid::new_v4().simple()
    );
    let region = region();
    let own = [
        ("AWS_DEFAULT_REGION", region.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", logical_id(&function.name).to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", logical_id(&function.name))),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
        ("AWS_REGION", region),
        ("LAMBDA_TASK_ROOT", text(&function.folder)),
        ("_HANDLER", function.handler.clone()),
    ];
    let set = function
        .environment
        .iter()
        // As in SAM, the user's own value comes first.
        .filter(|(name, _)| std::env::var_os(name).is_none())
        .map(|(name, value)| (name.as_str(), value.clone()));
    let defaults = [("TZ", ":UTC"), ("AWS_LAMBDA_LOG_FORMAT", "Text")];
    defaults
        .map(|(name, value)| (name, value.to_owned()))
        .into_iter()
        .chain(set)
        .chain(own)
        .collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
