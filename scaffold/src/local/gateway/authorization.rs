//! Decides from the response of a Lambda authorizer whether a request may pass.

use http::request::Parts;
use regex::Regex;
use serde_json::{Map, Value};

use super::error::GatewayError;
use super::route::{AuthorizerContext, RouteMatch};
use crate::sam::{ApiKind, LambdaAuthorizer, PayloadFormat};

/// A reason for which a request does not pass its authorizer.
#[derive(Debug)]
pub(crate) struct AuthorizationError {
    pub(crate) error: GatewayError,
    /// A description of the error in the authorizer's response, for its author.
    pub(crate) reason: Option<String>,
}

impl AuthorizationError {
    fn malformed(reason: impl Into<String>) -> Self {
        Self { error: GatewayError::Authorizer, reason: Some(reason.into()) }
    }

    /// The authorizer failed. In a REST API the error message `Unauthorized` has a meaning.
    pub(crate) fn of_function_error(route: &RouteMatch, payload: &[u8]) -> Self {
        let error = serde_json::from_slice::<Value>(payload).unwrap_or_default();
        let message = error.get("errorMessage").and_then(Value::as_str);
        if route.api.kind == ApiKind::Rest && message == Some("Unauthorized") {
            GatewayError::Unauthorized.into()
        } else {
            GatewayError::Authorizer.into()
        }
    }
}

impl From<GatewayError> for AuthorizationError {
    fn from(error: GatewayError) -> Self {
        Self { error, reason: None }
    }
}

/// Reads the response of an authorizer, and returns its context if the request may pass.
pub(crate) fn authorize(
    authorizer: &LambdaAuthorizer,
    route: &RouteMatch,
    request: &Parts,
    payload: &[u8],
) -> Result<AuthorizerContext, AuthorizationError> {
    let response = match serde_json::from_slice(payload) {
        Ok(Value::Object(response)) => response,
        Ok(_) => return Err(AuthorizationError::malformed("the response is not an object")),
        Err(error) => {
            return Err(AuthorizationError::malformed(format!(
                "the response is not JSON: {error}"
            )));
        }
    };
    let mut with_principal = Map::new();
    if authorizer.simple_responses && authorizer.payload_format == PayloadFormat::V2 {
        match response.get("isAuthorized").and_then(Value::as_bool) {
            Some(true) => {}
            Some(false) => return Err(GatewayError::AccessDenied { explicit: false }.into()),
            None => {
                return Err(AuthorizationError::malformed(
                    "`isAuthorized` is neither true nor false",
                ));
            }
        }
    } else {
        match response.get("principalId") {
            Some(id @ Value::String(_)) => {
                with_principal.insert("principalId".to_owned(), id.clone());
            }
            _ => return Err(AuthorizationError::malformed("`principalId` is not a string")),
        }
        evaluate_policy(&response, &route.execute_api_arn(&request.method))?;
    }
    let context = match response.get("context") {
        None | Some(Value::Null) => None,
        Some(Value::Object(context)) => Some(context.clone()),
        Some(_) => return Err(AuthorizationError::malformed("`context` is not an object")),
    };
    let is_rest = route.api.kind == ApiKind::Rest;
    for (name, value) in context.iter().flatten() {
        let value = match value {
            Value::Object(_) | Value::Array(_) if is_rest => {
                let reason = "is neither text, nor a number, nor a boolean";
                return Err(AuthorizationError::malformed(format!("`context.{name}` {reason}")));
            }
            // A REST API converts them to text.
            Value::Number(_) | Value::Bool(_) if is_rest => Value::String(value.to_string()),
            value => value.clone(),
        };
        with_principal.insert(name.clone(), value);
    }
    Ok(AuthorizerContext::Lambda { context, with_principal })
}

/// Evaluates a policy for the resource `arn`: a statement that denies it wins over those that allow it,
/// and without any the request is denied.
fn evaluate_policy(response: &Map<String, Value>, arn: &str) -> Result<(), AuthorizationError> {
    let statements = response.get("policyDocument").and_then(|policy| policy.get("Statement"));
    let statements = match statements {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => return Err(AuthorizationError::malformed("`policyDocument` has no `Statement`")),
    };
    let mut is_allowed = false;
    for statement in statements {
        let Some(effect) = statement.get("Effect").and_then(Value::as_str) else {
            return Err(AuthorizationError::malformed("a statement has no `Effect`"));
        };
        let applies = matches_any(statement.get("Action"), "execute-api:Invoke")
            && matches_any(statement.get("Resource"), arn);
        match effect {
            _ if !applies => {}
            "Allow" => is_allowed = true,
            _ => return Err(GatewayError::AccessDenied { explicit: true }.into()),
        }
    }
    if is_allowed { Ok(()) } else { Err(GatewayError::AccessDenied { explicit: false }.into()) }
}

/// Checks whether a text matches a pattern, or one of a list of patterns.
fn matches_any(patterns: Option<&Value>, text: &str) -> bool {
    let patterns = match patterns {
        Some(Value::Array(patterns)) => patterns.as_slice(),
        Some(pattern) => std::slice::from_ref(pattern),
        None => &[],
    };
    patterns.iter().filter_map(Value::as_str).any(|pattern| matches(pattern, text))
}

/// Matches a pattern in which `*` stands for any text and `?` for any character.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("(?s)^{pattern}$")).is_ok_and(|pattern| pattern.is_match(text))
}
