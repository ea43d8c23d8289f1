//! What a Lambda authorizer is asked, and what its answer means.

use std::net::IpAddr;
use std::time::SystemTime;

use http::request::Parts;
use regex::Regex;
use serde_json::{Map, Value};

use super::event::authorizer;
use super::{Failure, Route};
use crate::application::{Kind, LambdaAuthorizer, Payload};

/// What an authorizer says of a caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// As it says it.
    pub(super) context: Option<Map<String, Value>>,
    /// The same beside the caller's `principalId`, as format 1.0 has it.
    pub(super) named: Map<String, Value>,
}

/// Why a request does not reach its function.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    /// In words for the author of the authorizer, where the answer is none.
    pub(crate) why: Option<String>,
}

impl Refusal {
    fn malformed(why: impl Into<String>) -> Self {
        Self { failure: Failure::Authorizer, why: Some(why.into()) }
    }

    /// The function fails: REST APIs know one error by its message.
    pub(crate) fn of_error(route: &Route, payload: &[u8]) -> Self {
        let error = serde_json::from_slice::<Value>(payload).unwrap_or_default();
        let message = error.get("errorMessage").and_then(Value::as_str);
        let is_unauthorized = route.api.kind == Kind::Rest && message == Some("Unauthorized");
        let failure = if is_unauthorized { Failure::Unauthorized } else { Failure::Authorizer };
        Self { failure, why: None }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, why: None }
    }
}

/// The event for the authorizer of a request that came from `client` at `now`.
pub(crate) fn authorizer_event(
    authorizer: &LambdaAuthorizer,
    route: &Route,
    request: &Parts,
    client: IpAddr,
    now: SystemTime,
) -> Result<Vec<u8>, Refusal> {
    authorizer::event(authorizer, route, request, client, now)
        .ok_or_else(|| Failure::Unauthorized.into())
}

/// Reads the answer of an authorizer, and gives what it says of the caller where the request may pass.
pub(crate) fn granted(
    authorizer: &LambdaAuthorizer,
    route: &Route,
    request: &Parts,
    payload: &[u8],
) -> Result<Caller, Refusal> {
    let answer = match serde_json::from_slice(payload) {
        Ok(Value::Object(answer)) => answer,
        Ok(_) => return Err(Refusal::malformed("the answer is not an object")),
        Err(error) => return Err(Refusal::malformed(format!("the answer is not JSON: {error}"))),
    };
    let mut named = Map::new();
    if authorizer.is_simple && authorizer.payload == Payload::V2 {
        match answer.get("isAuthorized").and_then(Value::as_bool) {
            Some(true) => {}
            Some(false) => return Err(Failure::Denied { explicitly: false }.into()),
            None => return Err(Refusal::malformed("`isAuthorized` is neither true nor false")),
        }
    } else {
        match answer.get("principalId") {
            Some(id @ Value::String(_)) => drop(named.insert("principalId".to_owned(), id.clone())),
            _ => return Err(Refusal::malformed("`principalId` is not a string")),
        }
        decide(&answer, &authorizer::arn(route, request))?;
    }
    let context = match answer.get("context") {
        None | Some(Value::Null) => None,
        Some(Value::Object(context)) => Some(context.clone()),
        Some(_) => return Err(Refusal::malformed("`context` is not an object")),
    };
    for (name, value) in context.iter().flatten() {
        let value = match value {
            Value::Object(_) | Value::Array(_) if route.api.kind == Kind::Rest => {
                let why = format!("`context.{name}` is neither text, nor a number, nor a boolean");
                return Err(Refusal::malformed(why));
            }
            // A REST API makes texts of them.
            Value::Number(_) | Value::Bool(_) if route.api.kind == Kind::Rest => {
                Value::String(value.to_string())
            }
            value => value.clone(),
        };
        named.insert(name.clone(), value);
    }
    Ok(Caller { context, named })
}

/// What a policy says of the resource: a denial goes before everything, and nothing is no permission.
fn decide(answer: &Map<String, Value>, arn: &str) -> Result<(), Refusal> {
    let statements = answer.get("policyDocument").and_then(|policy| policy.get("Statement"));
    let statements = match statements {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.as_slice(),
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => return Err(Refusal::malformed("`policyDocument` has no `Statement`")),
    };
    let mut is_allowed = false;
    for statement in statements {
        let [effect, action, resource] =
            ["Effect", "Action", "Resource"].map(|name| statement.get(name));
        let Some(effect) = effect.and_then(Value::as_str) else {
            return Err(Refusal::malformed("a statement has no `Effect`"));
        };
        let [is_action, is_resource] = [(action, "execute-api:Invoke"), (resource, arn)]
            .map(|(patterns, text)| is_among(patterns, text));
        if is_action && is_resource {
            match effect {
                "Allow" => is_allowed = true,
                _ => return Err(Failure::Denied { explicitly: true }.into()),
            }
        }
    }
    if is_allowed { Ok(()) } else { Err(Failure::Denied { explicitly: false }.into()) }
}

/// Whether a text is like one of the patterns, or like the only one.
fn is_among(patterns: Option<&Value>, text: &str) -> bool {
    let patterns = match patterns {
        Some(Value::Array(patterns)) => patterns.as_slice(),
        Some(pattern) => std::slice::from_ref(pattern),
        None => &[],
    };
    patterns.iter().filter_map(Value::as_str).any(|pattern| is_like(pattern, text))
}

/// `*` stands for any text, `?` for any character.
fn is_like(pattern: &str, text: &str) -> bool {
    let pattern = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("(?s)^{pattern}$")).is_ok_and(|pattern| pattern.is_match(text))
}
