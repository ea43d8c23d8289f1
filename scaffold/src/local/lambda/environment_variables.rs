//! The environment variables of a function: the user's, the template's and Lambda's.

use std::env;
use std::net::SocketAddr;

use time::OffsetDateTime;
use tokio::process::Command;
use uuid::Uuid;

use super::configuration::FunctionConfiguration;
use crate::aws::{credentials, region};
use crate::sam::logical_id;

/// The address of the function's own Runtime API.
pub(super) const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

const MAX_CONCURRENCY: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

/// Variables of the user's environment that a function must not inherit, because they would change how
/// it runs.
const REMOVED: [&str; 2] = [MAX_CONCURRENCY, "_X_AMZN_TRACE_ID"];

/// Variables from which AWS's SDKs take credentials, or learn where to ask for them: "Environment
/// variables support" in the AWS SDKs and Tools Reference Guide.
const CREDENTIALS: [&str; 15] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// A file that is always empty.
const EMPTY_FILE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// Variables that keep AWS's SDKs from finding credentials in files and on the network.
const NO_OTHER_CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_CONFIG_FILE", EMPTY_FILE),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("AWS_SHARED_CREDENTIALS_FILE", EMPTY_FILE),
];

/// The URL of Lambda's API for AWS's SDKs: "Service-specific endpoints" in the AWS SDKs and Tools Reference Guide.
const LAMBDA_ENDPOINT: &str = "AWS_ENDPOINT_URL_LAMBDA";

/// Credentials with which a durable function signs its checkpoints. Nobody checks the signatures here.
const PLACEHOLDERS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "placeholder"), ("AWS_SECRET_ACCESS_KEY", "placeholder")];

/// Sets the variables of an instance whose Runtime API is at `api`. It inherits all others.
pub(super) fn set_variables(
    command: &mut Command,
    function: &FunctionConfiguration,
    api: SocketAddr,
) {
    command.envs(variables(function, api));
    for name in REMOVED {
        command.env_remove(name);
    }
    if let Some(concurrency) = function.max_concurrency {
        // "Understanding the Lambda Managed Instances execution environment" in AWS's documentation. Logs are
        // always JSON there.
        command.env(MAX_CONCURRENCY, concurrency.to_string());
        command.env("AWS_LAMBDA_LOG_FORMAT", "JSON");
        command.env("AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances");
    }
    if function.no_credentials {
        for name in CREDENTIALS {
            command.env_remove(name);
        }
        command.envs(NO_OTHER_CREDENTIALS);
    }
    if let Some(durable) = &function.durable {
        let is_set = function.environment.contains_key(LAMBDA_ENDPOINT)
            || env::var_os(LAMBDA_ENDPOINT).is_some();
        if !is_set {
            command.env(LAMBDA_ENDPOINT, &durable.endpoint);
        }
        if function.no_credentials || credentials::find().is_err() {
            command.envs(PLACEHOLDERS);
        }
    }
}

/// Returns the variables that differ from the user's. Later ones win.
fn variables(function: &FunctionConfiguration, api: SocketAddr) -> Vec<(&str, String)> {
    let date = OffsetDateTime::now_utc().date().to_string().replace('-', "/");
    let stream = format!("{date}/[$LATEST]{}", Uuid::new_v4().simple());
    let region = region();
    let name = logical_id(&function.name);
    let reserved = [
        ("AWS_DEFAULT_REGION", region.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        (RUNTIME_API, api.to_string()),
        ("AWS_REGION", region),
        ("LAMBDA_TASK_ROOT", function.folder.to_string_lossy().into_owned()),
        ("_HANDLER", function.handler.clone()),
    ];
    let own = function.environment.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let defaults = [("TZ", ":UTC"), ("AWS_LAMBDA_LOG_FORMAT", "Text")];
    defaults
        .map(|(name, value)| (name, value.to_owned()))
        .into_iter()
        .chain(own)
        .chain(reserved)
        .collect()
}
