//! The caller, as the API's authorizer identified it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::Error;
use crate::json;
use crate::json::borrowed::Str;

/// The caller, as the API's authorizer identified it, from
/// [`Request::authorizer`](super::Request::authorizer).
///
/// ```
/// use lambda_native::Error;
/// use lambda_native::http::{Authorizer, Request};
///
/// fn user(request: &Request<'_>) -> Result<String, Error> {
///     let subject = match request.authorizer() {
///         Some(Authorizer::Jwt(token)) => token.claims.get("sub").map(Into::into),
///         Some(Authorizer::Lambda(context)) => context.get("principalId").map(Into::into),
///         _ => None,
///     };
///     subject.ok_or_else(|| Error::new("Unauthorized", "who are you?").with_status(401))
/// }
///
/// let request = Request::new("GET", "/").with_authorizer(r#"{"jwt":{"claims":{"sub":"ada"}}}"#);
/// assert_eq!(user(&request).unwrap(), "ada");
/// assert_eq!(user(&Request::new("GET", "/")).unwrap_err().status(), Some(401));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Authorizer<'r> {
    /// The token of a JWT authorizer, or of a Cognito user pool.
    Jwt(Jwt<'r>),
    /// The context that a Lambda authorizer returned, with payload 1.0 including its `principalId`.
    Lambda(Fields<'r>),
    /// The caller who signed the request with AWS credentials.
    Iam(Iam<'r>),
}

/// A token that the API has verified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Jwt<'r> {
    /// Its claims. API Gateway turns each into a string.
    pub claims: Fields<'r>,
    /// The scopes of the token that the route requires.
    pub scopes: Vec<Cow<'r, str>>,
}

/// The caller who signed a request with AWS credentials.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Iam<'r> {
    /// The id of the access key that signed the request.
    pub access_key: Option<Cow<'r, str>>,
    /// The caller's account.
    pub account_id: Option<Cow<'r, str>>,
    /// The caller's id: of a user, or of a role and its session.
    pub caller_id: Option<Cow<'r, str>>,
    /// The caller's organisation.
    pub principal_org_id: Option<Cow<'r, str>>,
    /// The caller's ARN.
    pub user_arn: Option<Cow<'r, str>>,
    /// The user's id.
    pub user_id: Option<Cow<'r, str>>,
    /// The identity in a Cognito identity pool.
    pub cognito_identity_id: Option<Cow<'r, str>>,
    /// The Cognito identity pool.
    pub cognito_identity_pool_id: Option<Cow<'r, str>>,
}

/// Named values: the claims of a token, the context of a Lambda authorizer.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'r> {
    json: &'r str,
}

impl<'r> Fields<'r> {
    /// Returns the value of that name, as JSON (`3`, `true`, `["a"]`) if it is not a string.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'r, str>> {
        self.iter().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Returns all names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)> + use<'r> {
        let members: TextMembers<'r> = serde_json::from_str(self.json).unwrap_or_default();
        members.0.into_iter()
    }

    /// Reads all values into a type of your own.
    ///
    /// # Errors
    /// `Runtime.UnmarshalError` if they are not a `T`. It has no HTTP status, so the response is a
    /// `500`: the caller cannot correct what the authorizer sends.
    pub fn json<T: Deserialize<'r>>(&self) -> Result<T, Error> {
        json::decode(self.json.as_bytes())
    }
}

/// An object, with each value as text.
#[derive(Default)]
struct TextMembers<'r>(Vec<(Cow<'r, str>, Cow<'r, str>)>);

impl<'de> Deserialize<'de> for TextMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextMembersVisitor;

        impl<'de> Visitor<'de> for TextMembersVisitor {
            type Value = TextMembers<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<TextMembers<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((Str(name), value)) = map.next_entry::<_, &'de RawValue>()? {
                    let text = match serde_json::from_str(value.get()) {
                        Ok(Str(text)) => text,
                        Err(_) => Cow::Borrowed(value.get()),
                    };
                    members.push((name, text));
                }
                Ok(TextMembers(members))
            }
        }

        deserializer.deserialize_map(TextMembersVisitor)
    }
}

/// The `authorizer` of a request context, in any payload format.
#[derive(Deserialize)]
struct Sent<'r> {
    #[serde(borrow)]
    jwt: Option<SentJwt<'r>>,
    #[serde(borrow)]
    lambda: Option<&'r RawValue>,
    #[serde(borrow)]
    iam: Option<SentIam<'r>>,
}

/// A token: in payload 2.0 the `jwt` of the authorizer, in payload 1.0 the authorizer itself.
#[derive(Deserialize)]
struct SentJwt<'r> {
    #[serde(borrow)]
    claims: Option<&'r RawValue>,
    #[serde(borrow)]
    scopes: Option<Vec<Str<'r>>>,
}

/// A signer: in payload 2.0 the `iam` of the authorizer, in payload 1.0 part of the `identity`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentIam<'r> {
    #[serde(borrow)]
    access_key: Option<Str<'r>>,
    #[serde(borrow)]
    account_id: Option<Str<'r>>,
    #[serde(borrow, alias = "caller")]
    caller_id: Option<Str<'r>>,
    #[serde(borrow)]
    principal_org_id: Option<Str<'r>>,
    #[serde(borrow)]
    user_arn: Option<Str<'r>>,
    #[serde(borrow, alias = "user")]
    user_id: Option<Str<'r>>,
    #[serde(borrow)]
    cognito_identity: Option<SentCognitoIdentity<'r>>,
    #[serde(borrow)]
    cognito_identity_id: Option<Str<'r>>,
    #[serde(borrow)]
    cognito_identity_pool_id: Option<Str<'r>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentCognitoIdentity<'r> {
    #[serde(borrow)]
    identity_id: Option<Str<'r>>,
    #[serde(borrow)]
    identity_pool_id: Option<Str<'r>>,
}

impl<'r> Authorizer<'r> {
    /// Reads payload 2.0: `authorizer` has one member, named after the kind of the authorizer.
    pub(super) fn of_2_0(authorizer: &'r str) -> Option<Self> {
        let sent: Sent<'r> = serde_json::from_str(authorizer).ok()?;
        if let Some(jwt) = sent.jwt {
            return jwt.into_authorizer();
        }
        if let Some(lambda) = sent.lambda {
            return Some(Self::Lambda(Fields { json: lambda.get() }));
        }
        sent.iam?.into_authorizer()
    }

    /// Reads payload 1.0: `authorizer` is the token or the context itself, and `identity` the signer
    /// of the request.
    pub(super) fn of_1_0(authorizer: Option<&'r str>, identity: Option<&'r str>) -> Option<Self> {
        if let Some(authorizer) = authorizer {
            let token = serde_json::from_str::<SentJwt<'r>>(authorizer);
            if let Some(jwt) = token.ok().and_then(SentJwt::into_authorizer) {
                return Some(jwt);
            }
            let fields = Fields { json: authorizer };
            // An HTTP API without authorizer sends `"claims": null, "scopes": null`.
            let is_context = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
                value != "null" && name != "integrationLatency"
            };
            if fields.iter().any(is_context) {
                return Some(Self::Lambda(fields));
            }
        }
        serde_json::from_str::<SentIam<'r>>(identity?).ok()?.into_authorizer()
    }
}

impl<'r> SentJwt<'r> {
    fn into_authorizer(self) -> Option<Authorizer<'r>> {
        // The context of a Lambda authorizer can have a member of that name, but never an object.
        let claims = Fields { json: self.claims?.get() };
        if !claims.json.starts_with('{') {
            return None;
        }
        let scopes = self.scopes.unwrap_or_default().into_iter().map(|Str(scope)| scope).collect();
        Some(Authorizer::Jwt(Jwt { claims, scopes }))
    }
}

impl<'r> SentIam<'r> {
    /// Returns the signer. Events without one have texts that are `null` or empty.
    fn into_authorizer(self) -> Option<Authorizer<'r>> {
        let text = |sent: Option<Str<'r>>| sent.map(|Str(text)| text).filter(|it| !it.is_empty());
        let user_arn = text(self.user_arn)?;
        let (identity_id, identity_pool_id) = match self.cognito_identity {
            Some(identity) => (identity.identity_id, identity.identity_pool_id),
            None => (self.cognito_identity_id, self.cognito_identity_pool_id),
        };
        Some(Authorizer::Iam(Iam {
            access_key: text(self.access_key),
            account_id: text(self.account_id),
            caller_id: text(self.caller_id),
            principal_org_id: text(self.principal_org_id),
            user_arn: Some(user_arn),
            user_id: text(self.user_id),
            cognito_identity_id: text(identity_id),
            cognito_identity_pool_id: text(identity_pool_id),
        }))
    }
}
