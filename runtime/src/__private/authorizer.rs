//! Lambda authorizers: the event, and the response in the format that it asks for.
//!
//! The formats are those of API Gateway's documentation: "Input to an API Gateway Lambda authorizer" and "Output
//! from an API Gateway Lambda authorizer" for REST APIs, "Control access to HTTP APIs with AWS Lambda
//! authorizers" for HTTP APIs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::function::{Function, Invalid};
use super::http::Failure;
use crate::http::{Allow, Deny, Request, RequestKind};
use crate::routes::Matched;
use crate::{Error, Reply, json};

/// A function that is marked `authorizer`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an authorizer",
    label = "not an authorizer",
    note = "`auth` names a function with `#[lambda_handler(named, authorizer)]`"
)]
pub trait Authorizer: Function {
    /// The name of the function.
    const AUTHORIZER: &'static str = Self::NAME;
}

impl<T: 'static> Authorizer for Invalid<T> {}

/// The value that an authorizer returns if it allows the request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not decide about a request",
    label = "not a decision",
    note = "an authorizer returns a `lambda_native::http::Allow`, or a `Result<Allow, Deny>`"
)]
pub trait Decision {
    /// Returns the caller and the context, or the reason to deny the request.
    ///
    /// # Errors
    /// `Runtime.MarshalError` if JSON has no form for the context.
    fn decide(self) -> Result<Result<(String, Value), Deny>, Error>;
}

impl<C: Serialize> Decision for Allow<C> {
    fn decide(self) -> Result<Result<(String, Value), Deny>, Error> {
        let context = serde_json::to_value(self.context());
        let context = context.map_err(|error| json::unwritable(&error))?;
        Ok(Ok((self.principal().to_owned(), context)))
    }
}

#[diagnostic::do_not_recommend]
impl Decision for Deny {
    fn decide(self) -> Result<Result<(String, Value), Deny>, Error> {
        Ok(Err(self))
    }
}

/// The parts of an event that decide its format.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    version: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    method_arn: Option<String>,
    authorization_token: Option<String>,
}

/// A request that asks an authorizer.
#[derive(Debug)]
pub struct Asked<'e> {
    request: Request<'e>,
    format: Format,
}

/// The format of the response.
#[derive(Debug)]
enum Format {
    /// The simple response of HTTP APIs with payload 2.0.
    Simple,
    /// An IAM policy: REST APIs, and HTTP APIs with payload 1.0.
    Policy { resource: String, is_rest: bool },
}

impl<'e> Asked<'e> {
    /// Reads the event. The token of a `TOKEN` event becomes the header `token_header`.
    ///
    /// API Gateway keeps a policy for the requests with the same identity, whatever their routes. So a decision
    /// `by_identity` alone is one about the whole stage of the API, and any other is about the method that was
    /// called.
    ///
    /// # Errors
    /// `Runtime.UnmarshalError` if the event is not one of an authorizer.
    pub fn read(
        event: &'e [u8],
        token_header: &'static str,
        by_identity: bool,
    ) -> Result<Self, Error> {
        let Event { version, kind, method_arn, authorization_token } = json::decode(event)?;
        if !matches!(kind.as_deref(), Some("REQUEST" | "TOKEN")) {
            return Err(unreadable("its `type` is neither `REQUEST` nor `TOKEN`"));
        }
        if version.as_deref() == Some("2.0") {
            return Ok(Self { request: Request::from_slice(event)?, format: Format::Simple });
        }
        let arn = method_arn.ok_or_else(|| unreadable("`methodArn` is missing"))?;
        let request = if kind.as_deref() == Some("TOKEN") {
            let token =
                authorization_token.ok_or_else(|| unreadable("`authorizationToken` is missing"))?;
            of_token(&arn, token_header, token)
        } else {
            Request::from_slice(event)?
        };
        let resource = if by_identity { stage_of(&arn) } else { arn };
        Ok(Self { request, format: Format::Policy { resource, is_rest: version.is_none() } })
    }

    /// Returns the request, for the parameters of the function.
    #[must_use]
    pub fn matched(&self) -> Matched<'_> {
        Matched::without_route(&self.request)
    }

    /// Denies a request without the parameters that the function takes.
    ///
    /// # Errors
    /// The one that makes a REST API respond with `401`.
    pub fn refuse(&self, reply: &mut Reply) -> Result<(), Error> {
        self.deny(Deny::Unauthorized, reply)
    }

    /// Responds with the decision of the function.
    ///
    /// # Errors
    /// The one of the function, unless its status is `401` or `403`, and the one that makes a REST API respond
    /// with `401`.
    pub fn respond(
        &self,
        result: Result<impl Decision, impl Into<Failure>>,
        reply: &mut Reply,
    ) -> Result<(), Error> {
        let decision = match result {
            Ok(decision) => decision.decide()?,
            Err(error) => {
                let failure = error.into();
                match failure.status() {
                    401 => Err(Deny::Unauthorized),
                    403 => Err(Deny::Forbidden),
                    _ => return Err(failure.into_error()),
                }
            }
        };
        match decision {
            Ok((principal, context)) => self.allow(principal, context, reply),
            Err(deny) => self.deny(deny, reply),
        }
    }

    fn allow(&self, principal: String, context: Value, reply: &mut Reply) -> Result<(), Error> {
        let mut context = match context {
            Value::Null => Map::new(),
            Value::Object(context) => context,
            _ => return Err(unwritable("it is neither a struct nor a map")),
        };
        context.retain(|_, value| !value.is_null());
        match &self.format {
            Format::Simple => {
                // As in payload 1.0, so that handlers find it in both, and know that somebody was asked.
                context.entry("principalId").or_insert(principal.into());
                json::encode(&json!({ "isAuthorized": true, "context": context }), reply)
            }
            Format::Policy { resource, is_rest } => {
                let nested =
                    context.iter().find(|(_, value)| value.is_object() || value.is_array());
                if let Some((name, _)) = nested.filter(|_| *is_rest) {
                    let why = format!(
                        "a REST API takes only text, numbers and booleans, and `{name}` is none of them"
                    );
                    return Err(unwritable(&why));
                }
                let mut response = policy("Allow", &principal, resource);
                if let (Some(response), false) = (response.as_object_mut(), context.is_empty()) {
                    response.insert("context".to_owned(), context.into());
                }
                json::encode(&response, reply)
            }
        }
    }

    fn deny(&self, deny: Deny, reply: &mut Reply) -> Result<(), Error> {
        match &self.format {
            Format::Simple => json::encode(&json!({ "isAuthorized": false }), reply),
            Format::Policy { is_rest: true, .. } if deny == Deny::Unauthorized => Err(deny.into()),
            Format::Policy { resource, .. } => {
                json::encode(&policy("Deny", "anonymous", resource), reply)
            }
        }
    }
}

fn policy(effect: &str, principal: &str, resource: &str) -> Value {
    json!({
        "principalId": principal,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                { "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource }
            ]
        }
    })
}

/// The `api/stage/GET/path` of an ARN.
fn resource_of(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or_default()
}

/// All methods of the stage of an API: `arn:aws:execute-api:eu-central-1:123456789012:api/stage/*`.
fn stage_of(arn: &str) -> String {
    let stage = resource_of(arn).splitn(3, '/').nth(2);
    let Some(before) = stage.and_then(|method| arn.strip_suffix(method)) else {
        return arn.to_owned();
    };
    format!("{before}*")
}

/// The request of a `TOKEN` event, of which only the token and the ARN of the method are known.
fn of_token<'e>(arn: &str, header: &'static str, token: String) -> Request<'e> {
    let mut parts = resource_of(arn).splitn(4, '/').skip(1).map(str::to_owned);
    let (stage, method) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let path = format!("/{}", parts.next().unwrap_or_default());
    Request::new(method, path)
        .with_kind(RequestKind::RestApi)
        .with_stage(stage)
        .with_header(header, token)
}

fn unreadable(why: &str) -> Error {
    let message = format!("the event is not one of a Lambda authorizer: {why}");
    Error::new("Runtime.UnmarshalError", message)
}

fn unwritable(why: &str) -> Error {
    Error::new("Runtime.MarshalError", format!("cannot write the context of the authorizer: {why}"))
}

impl Failure {
    fn status(&self) -> u16 {
        self.response.status()
    }

    fn into_error(self) -> Error {
        self.error
    }
}
