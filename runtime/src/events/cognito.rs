//! Triggers of Amazon Cognito user pools.
//!
//! Cognito sends an event with a `request` and a `response`, and the function answers with the same event,
//! whose `response` it may have changed:
//!
//! ```no_run
//! use lambda_native::events::cognito;
//! use lambda_native::{Error, lambda_handler};
//!
//! #[lambda_handler]
//! async fn sign_up(mut event: cognito::PreSignUp<'_>) -> Result<cognito::PreSignUp<'_>, Error> {
//!     let email = event.request.user_attributes.get("email").unwrap_or_default();
//!     if !email.ends_with("@example.com") {
//!         // Cognito tells the user: PreSignUp failed with error …
//!         return Err(Error::new("NotInvited", "only example.com can sign up"));
//!     }
//!     event.response.auto_confirm_user = true;
//!     Ok(event)
//! }
//! ```
//!
//! | trigger | type | what the response decides |
//! |---|---|---|
//! | pre sign-up | [`PreSignUp`] | whether the user is confirmed at once |
//! | post confirmation | [`PostConfirmation`] | nothing |
//! | pre authentication | [`PreAuthentication`] | nothing: an error refuses the user |
//! | post authentication | [`PostAuthentication`] | nothing |
//! | pre token generation, version 1 | [`PreTokenGeneration`] | the claims of the identity token |
//! | pre token generation, versions 2 and 3 | [`PreTokenGenerationV2`] | the claims and scopes of both tokens |
//! | custom message | [`CustomMessage`] | the text of the message |
//! | define auth challenge | [`DefineAuthChallenge`] | the next challenge, or the end |
//! | create auth challenge | [`CreateAuthChallenge`] | the challenge |
//! | verify auth challenge | [`VerifyAuthChallenge`] | whether the answer was right |
//! | migrate user | [`UserMigration`] | the user to create |
//! | custom e-mail or SMS sender | [`CustomSender`] | nothing |
//!
//! For a trigger that is not listed, name types of your own: `cognito::Event<'_, MyRequest, MyResponse>`.
//! `serde_json::Value` in both places takes any trigger; [`Event::trigger_source`] tells which.
//!
//! The answer contains everything that the event contained, fields that these types do not know included.
//! A test reads an event from JSON:
//!
//! ```
//! use lambda_native::events::cognito::PostConfirmation;
//! use lambda_native::json;
//!
//! let text = r#"{"version":"1","triggerSource":"PostConfirmation_ConfirmSignUp","region":"eu-central-1",
//!     "userPoolId":"eu-central-1_Example01","userName":"ada","new":[1],"callerContext":{},
//!     "request":{"userAttributes":{"email":"ada@example.com"}},"response":{}}"#;
//! let event: PostConfirmation<'_> = json::read(text.as_bytes())?;
//! assert_eq!(event.request.user_attributes.get("email"), Some("ada@example.com"));
//! assert_eq!(serde_json::to_string(&event)?, text.replace("\n    ", ""));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The fields are those that [AWS documents](https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::{self, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::json;
use crate::json::borrowed::{self, Str};
use crate::json::path::describe;

/// The event of a trigger, which is also the function's response. `Q` is its `request`, `R` its `response`.
///
/// It is read from JSON text, and written with every field as it was, except those of
/// [`response`](field@Self::response) that have changed. Changes of the other fields are not written: Cognito
/// ignores them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'e, Q, R> {
    /// The version of the event: `1`, and for pre token generation also `2` and `3`.
    pub version: Option<Cow<'e, str>>,
    /// The trigger and its reason, such as `PreSignUp_ExternalProvider`.
    pub trigger_source: Cow<'e, str>,
    /// The region of the user pool.
    pub region: Cow<'e, str>,
    /// The id of the user pool.
    pub user_pool_id: Cow<'e, str>,
    /// The user; `None` if a machine asks for a token.
    pub user_name: Option<Cow<'e, str>>,
    /// The application that the user signs in to.
    pub caller_context: CallerContext<'e>,
    /// The input of the trigger.
    pub request: Q,
    /// The output of the trigger, which the function fills in.
    pub response: R,
    event: &'e RawValue,
}

/// The application that a user signs in to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CallerContext<'e> {
    /// The SDK that made the request, and its version.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub aws_sdk_version: Option<Cow<'e, str>>,
    /// The id of the application.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub client_id: Option<Cow<'e, str>>,
}

/// A user signs up, is created by an administrator, or signs in for the first time with another provider.
pub type PreSignUp<'e> = Event<'e, PreSignUpRequest<'e>, PreSignUpResponse>;

/// A user has confirmed an address or a new password.
pub type PostConfirmation<'e> = Event<'e, PostConfirmationRequest<'e>, NoResponse>;

/// A user signs in. An error of the function refuses the user.
pub type PreAuthentication<'e> = Event<'e, PreAuthenticationRequest<'e>, NoResponse>;

/// A user has signed in.
pub type PostAuthentication<'e> = Event<'e, PostAuthenticationRequest<'e>, NoResponse>;

/// Cognito makes an identity token: version 1 of the trigger.
pub type PreTokenGeneration<'e> =
    Event<'e, PreTokenGenerationRequest<'e>, PreTokenGenerationResponse>;

/// Cognito makes an identity token and an access token: versions 2 and 3 of the trigger.
pub type PreTokenGenerationV2<'e> =
    Event<'e, PreTokenGenerationRequest<'e>, PreTokenGenerationV2Response>;

/// Cognito sends a message with a code.
pub type CustomMessage<'e> = Event<'e, CustomMessageRequest<'e>, CustomMessageResponse>;

/// Asks for the next challenge of a custom authentication.
pub type DefineAuthChallenge<'e> =
    Event<'e, DefineAuthChallengeRequest<'e>, DefineAuthChallengeResponse>;

/// Asks for the content of a challenge.
pub type CreateAuthChallenge<'e> =
    Event<'e, CreateAuthChallengeRequest<'e>, CreateAuthChallengeResponse>;

/// Asks whether the answer to a challenge is right.
pub type VerifyAuthChallenge<'e> =
    Event<'e, VerifyAuthChallengeRequest<'e>, VerifyAuthChallengeResponse>;

/// A user who is not in the pool signs in or asks for a new password.
pub type UserMigration<'e> = Event<'e, UserMigrationRequest<'e>, UserMigrationResponse>;

/// Cognito leaves it to the function to send an e-mail or a text message, and passes an encrypted code.
pub type CustomSender<'e> = Event<'e, CustomSenderRequest<'e>, NoResponse>;

/// The request of [`PreSignUp`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PreSignUpRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// The validation data that the application sent with its request.
    #[serde(borrow)]
    pub validation_data: Attributes<'e>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
}

/// The response of [`PreSignUp`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreSignUpResponse {
    /// Confirms the user without a code.
    #[serde(deserialize_with = "borrowed::or_default")]
    pub auto_confirm_user: bool,
    /// Marks the user's e-mail address as verified.
    #[serde(deserialize_with = "borrowed::or_default")]
    pub auto_verify_email: bool,
    /// Marks the user's telephone number as verified.
    #[serde(deserialize_with = "borrowed::or_default")]
    pub auto_verify_phone: bool,
}

/// The request of [`PostConfirmation`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PostConfirmationRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
}

/// The request of [`PreAuthentication`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PreAuthenticationRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// The validation data that the application sent with its request.
    #[serde(borrow)]
    pub validation_data: Attributes<'e>,
    /// The user does not exist, and the app client is set to hide that (`PreventUserExistenceErrors`).
    #[serde(deserialize_with = "borrowed::or_default")]
    pub user_not_found: bool,
}

/// The request of [`PostAuthentication`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PostAuthenticationRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// The user has signed in on a new device, if the pool remembers devices.
    #[serde(deserialize_with = "borrowed::or_default")]
    pub new_device_used: bool,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
}

/// The request of [`PreTokenGeneration`] and [`PreTokenGenerationV2`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PreTokenGenerationRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// The scopes of the access token; empty for version 1.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub scopes: Vec<Cow<'e, str>>,
    /// The groups of the user.
    #[serde(borrow, deserialize_with = "borrowed::or_default")]
    pub group_configuration: GroupConfiguration<'e>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
}

/// The groups of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct GroupConfiguration<'e> {
    /// The names of the groups.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub groups_to_override: Vec<Cow<'e, str>>,
    /// The roles of the groups.
    #[serde(borrow, deserialize_with = "borrowed::list")]
    pub iam_roles_to_override: Vec<Cow<'e, str>>,
    /// The role that is taken unless the application asks for another.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub preferred_role: Option<Cow<'e, str>>,
}

/// The response of [`PreTokenGeneration`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreTokenGenerationResponse {
    /// The changes of the identity token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_override_details: Option<ClaimsOverrideDetails>,
}

/// The changes of an identity token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimsOverrideDetails {
    /// Claims that the token gets, in place of those with the same name.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub claims_to_add_or_override: BTreeMap<String, String>,
    /// The names of claims that the token does not get.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub claims_to_suppress: Vec<String>,
    /// The groups and roles, in place of those of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_override_details: Option<GroupOverrideDetails>,
}

/// The response of [`PreTokenGenerationV2`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreTokenGenerationV2Response {
    /// The changes of both tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_and_scope_override_details: Option<ClaimsAndScopeOverrideDetails>,
}

/// The changes of both tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimsAndScopeOverrideDetails {
    /// The changes of the identity token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_generation: Option<IdTokenGeneration>,
    /// The changes of the access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_generation: Option<AccessTokenGeneration>,
    /// The groups and roles, in place of those of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_override_details: Option<GroupOverrideDetails>,
}

/// The changes of an identity token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IdTokenGeneration {
    /// Claims that the token gets, in place of those with the same name: any JSON.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub claims_to_add_or_override: BTreeMap<String, Value>,
    /// The names of claims that the token does not get.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub claims_to_suppress: Vec<String>,
}

/// The changes of an access token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccessTokenGeneration {
    /// Claims that the token gets, in place of those with the same name: any JSON.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub claims_to_add_or_override: BTreeMap<String, Value>,
    /// The names of claims that the token does not get.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub claims_to_suppress: Vec<String>,
    /// Scopes that the token gets.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub scopes_to_add: Vec<String>,
    /// Scopes that the token does not get.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub scopes_to_suppress: Vec<String>,
}

/// Groups and roles, in place of those of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupOverrideDetails {
    /// The names of the groups.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub groups_to_override: Vec<String>,
    /// The roles of the groups.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub iam_roles_to_override: Vec<String>,
    /// The role that is taken unless the application asks for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_role: Option<String>,
}

/// The request of [`CustomMessage`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CustomMessageRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// Stands for the code in the message; `None` if the message has none.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub code_parameter: Option<Cow<'e, str>>,
    /// Stands for the name of the user in the message, if an administrator creates the user.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub username_parameter: Option<Cow<'e, str>>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
}

/// The response of [`CustomMessage`]. Cognito sends its own text in place of what is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomMessageResponse {
    /// The text message; it must contain the code parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_message: Option<String>,
    /// The body of the e-mail; it must contain the code parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_message: Option<String>,
    /// The subject of the e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_subject: Option<String>,
}

/// The request of [`DefineAuthChallenge`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct DefineAuthChallengeRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// The challenges so far.
    #[serde(borrow, deserialize_with = "session")]
    pub session: Vec<ChallengeResult<'e>>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
    /// The user does not exist, and the app client is set to hide that (`PreventUserExistenceErrors`).
    #[serde(deserialize_with = "borrowed::or_default")]
    pub user_not_found: bool,
}

/// The result of a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChallengeResult<'e> {
    /// The challenge: `CUSTOM_CHALLENGE`, or one of Cognito's own, such as `SRP_A` or `PASSWORD_VERIFIER`.
    #[serde(borrow)]
    pub challenge_name: Cow<'e, str>,
    /// The answer was right.
    #[serde(default, deserialize_with = "borrowed::or_default")]
    pub challenge_result: bool,
    /// The name that [`CreateAuthChallenge`] gave to the challenge.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub challenge_metadata: Option<Cow<'e, str>>,
}

/// The response of [`DefineAuthChallenge`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DefineAuthChallengeResponse {
    /// The next challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_name: Option<String>,
    /// The user is authenticated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_tokens: Option<bool>,
    /// The user is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_authentication: Option<bool>,
}

/// The request of [`CreateAuthChallenge`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CreateAuthChallengeRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow)]
    pub user_attributes: Attributes<'e>,
    /// The challenge that [`DefineAuthChallenge`] chose.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub challenge_name: Option<Cow<'e, str>>,
    /// The challenges so far.
    #[serde(borrow, deserialize_with = "session")]
    pub session: Vec<ChallengeResult<'e>>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
    /// The user does not exist, and the app client is set to hide that (`PreventUserExistenceErrors`).
    #[serde(deserialize_with = "borrowed::or_default")]
    pub user_not_found: bool,
}

/// The response of [`CreateAuthChallenge`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CreateAuthChallengeResponse {
    /// The parameters that the application gets, such as the question.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub public_challenge_parameters: BTreeMap<String, String>,
    /// The parameters that only [`VerifyAuthChallenge`] gets, such as the right answer.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub private_challenge_parameters: BTreeMap<String, String>,
    /// A name for the challenge, which the next [`DefineAuthChallenge`] gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_metadata: Option<String>,
}

/// The request of [`VerifyAuthChallenge`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VerifyAuthChallengeRequest<'e> {
    /// The attributes of the user, such as `email`.
    #[serde(borrow, default)]
    pub user_attributes: Attributes<'e>,
    /// The private parameters of [`CreateAuthChallenge`], such as the right answer.
    #[serde(borrow, default)]
    pub private_challenge_parameters: Attributes<'e>,
    /// The user's answer.
    #[serde(borrow)]
    pub challenge_answer: Cow<'e, str>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow, default)]
    pub client_metadata: Attributes<'e>,
    /// The user does not exist, and the app client is set to hide that (`PreventUserExistenceErrors`).
    #[serde(default, deserialize_with = "borrowed::or_default")]
    pub user_not_found: bool,
}

/// The response of [`VerifyAuthChallenge`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerifyAuthChallengeResponse {
    /// The answer is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_correct: Option<bool>,
}

/// The request of [`UserMigration`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct UserMigrationRequest<'e> {
    /// The password that the user entered; `None` if the user has forgotten it.
    #[serde(borrow, deserialize_with = "borrowed::option")]
    pub password: Option<Cow<'e, str>>,
    /// The validation data that the application sent with its request.
    #[serde(borrow)]
    pub validation_data: Attributes<'e>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow)]
    pub client_metadata: Attributes<'e>,
}

/// The response of [`UserMigration`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserMigrationResponse {
    /// The attributes of the new user. Cognito needs some.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub user_attributes: BTreeMap<String, String>,
    /// `CONFIRMED` if the user need not choose a new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_user_status: Option<String>,
    /// `SUPPRESS` if Cognito does not greet the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_action: Option<String>,
    /// `EMAIL`, `SMS` or both, for the greeting.
    #[serde(deserialize_with = "borrowed::or_default", skip_serializing_if = "Vec::is_empty")]
    pub desired_delivery_mediums: Vec<String>,
    /// Takes the address or the number from another user who has it as an alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_alias_creation: Option<bool>,
    /// The user must enter a code from a text message at each sign-in.
    #[serde(rename = "enableSMSMFA", skip_serializing_if = "Option::is_none")]
    pub enable_sms_mfa: Option<bool>,
}

/// The request of [`CustomSender`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomSenderRequest<'e> {
    /// The kind of request, with its version: `customEmailSenderRequestV1` or `customSMSSenderRequestV1`.
    #[serde(borrow, rename = "type", default, deserialize_with = "borrowed::option")]
    pub kind: Option<Cow<'e, str>>,
    /// The code, encrypted with the key of the user pool, in base64; `None` if the message has none.
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    pub code: Option<Cow<'e, str>>,
    /// The attributes of the user, such as `email`.
    #[serde(borrow, default)]
    pub user_attributes: Attributes<'e>,
    /// The metadata that the application sent for the triggers.
    #[serde(borrow, default)]
    pub client_metadata: Attributes<'e>,
}

/// The response of a trigger that decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct NoResponse {}

/// Names and values in the order of the event: attributes of a user, or metadata of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes<'e>(Vec<(Cow<'e, str>, Cow<'e, str>)>);

impl Attributes<'_> {
    /// Returns the value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// Returns all names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl<'de: 'e, 'e> Deserialize<'de> for Attributes<'e> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;

        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = Attributes<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of strings")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Attributes::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut attributes = Vec::new();
                while let Some((Str(name), value)) = map.next_entry::<_, Option<Scalar<'de>>>()? {
                    if let Some(Scalar(value)) = value {
                        attributes.push((name, value));
                    }
                }
                Ok(Attributes(attributes))
            }
        }

        deserializer.deserialize_any(AttributesVisitor)
    }
}

/// The value of an attribute: a string, or what Cognito's documentation shows without quotes.
struct Scalar<'e>(Cow<'e, str>);

impl<'de: 'e, 'e> Deserialize<'de> for Scalar<'e> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;

        impl<'de> Visitor<'de> for ScalarVisitor {
            type Value = Scalar<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Owned(text.to_owned())))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Borrowed(if value { "true" } else { "false" })))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Owned(number.to_string())))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Owned(number.to_string())))
            }
        }

        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// Reads the challenges so far. `null` is no challenge.
fn session<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ChallengeResult<'de>>, D::Error> {
    let session: Vec<Option<_>> = borrowed::or_default(deserializer)?;
    Ok(session.into_iter().flatten().collect())
}

/// The fields of an event that are decoded.
#[derive(Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "an object",
    bound(deserialize = "Q: Deserialize<'de>, R: Deserialize<'de>")
)]
struct Members<'e, Q, R> {
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    version: Option<Cow<'e, str>>,
    #[serde(borrow)]
    trigger_source: Cow<'e, str>,
    #[serde(borrow)]
    region: Cow<'e, str>,
    #[serde(borrow)]
    user_pool_id: Cow<'e, str>,
    #[serde(borrow, default, deserialize_with = "borrowed::option")]
    user_name: Option<Cow<'e, str>>,
    #[serde(borrow, default, deserialize_with = "borrowed::or_default")]
    caller_context: CallerContext<'e>,
    request: Q,
    response: R,
}

impl<'de: 'e, 'e, Q: Deserialize<'de>, R: Deserialize<'de>> Deserialize<'de> for Event<'e, Q, R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = <&RawValue>::deserialize(deserializer)?;
        let members: Members<'e, Q, R> = read(event.get()).map_err(de::Error::custom)?;
        Ok(Self {
            version: members.version,
            trigger_source: members.trigger_source,
            region: members.region,
            user_pool_id: members.user_pool_id,
            user_name: members.user_name,
            caller_context: members.caller_context,
            request: members.request,
            response: members.response,
            event,
        })
    }
}

/// Reads JSON that is part of another document, and describes the error with its path.
fn read<'j, T: Deserialize<'j>>(text: &'j str) -> Result<T, String> {
    let json = text.as_bytes();
    json::read(json).map_err(|error| describe(json, &error, &json::read_error::<T>))
}

impl<'e, Q, R: Deserialize<'e> + Serialize> Serialize for Event<'e, Q, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let RawMembers(members) = read(self.event.get()).map_err(ser::Error::custom)?;
        let mut map = serializer.serialize_map(Some(members.len()))?;
        for (name, value) in members {
            match &*name {
                "response" => map.serialize_entry("response", &self.response(value)?)?,
                name => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

impl<'e, Q, R: Deserialize<'e> + Serialize> Event<'e, Q, R> {
    /// Returns the response as it was, with what the function has changed.
    fn response<E: ser::Error>(&self, sent: &'e RawValue) -> Result<Response<'e>, E> {
        let value = |response: &R| serde_json::to_value(response).map_err(E::custom);
        let new = value(&self.response)?;
        let old = value(&read(sent.get()).map_err(E::custom)?)?;
        match (new, old) {
            (new, old) if new == old => Ok(Response::Same(sent)),
            (Value::Object(new), Value::Object(old)) if sent.get().starts_with('{') => {
                let RawMembers(sent) = read(sent.get()).map_err(E::custom)?;
                Ok(Response::Changed { sent, old, new })
            }
            (new, _) => Ok(Response::New(new)),
        }
    }
}

enum Response<'e> {
    /// The function has changed nothing.
    Same(&'e RawValue),
    Changed {
        sent: Vec<(Cow<'e, str>, &'e RawValue)>,
        /// The fields that the type knows, as they were.
        old: Map<String, Value>,
        /// The fields that the type knows, as they are now.
        new: Map<String, Value>,
    },
    /// It is not an object.
    New(Value),
}

impl Serialize for Response<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sent, old, new) = match self {
            Self::Same(sent) => return sent.serialize(serializer),
            Self::New(value) => return value.serialize(serializer),
            Self::Changed { sent, old, new } => (sent, old, new),
        };
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in sent {
            match (old.get(&**name), new.get(&**name)) {
                // An unknown field, or one that has not changed.
                (old, new) if old == new => map.serialize_entry(name, value)?,
                (_, Some(new)) => map.serialize_entry(name, new)?,
                (_, None) => {}
            }
        }
        for (name, value) in new {
            let is_sent = sent.iter().any(|(other, _)| other == name);
            if !is_sent && old.get(name) != Some(value) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// The members of an object, as JSON text.
struct RawMembers<'e>(Vec<(Cow<'e, str>, &'e RawValue)>);

impl<'de> Deserialize<'de> for RawMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawMembersVisitor;

        impl<'de> Visitor<'de> for RawMembersVisitor {
            type Value = RawMembers<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Str(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(RawMembers(members))
            }
        }

        deserializer.deserialize_map(RawMembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::decode;

    fn event(trigger: &str, request: &Value, response: &Value) -> String {
        json!({
            "version": "1",
            "triggerSource": trigger,
            "region": "eu-central-1",
            "userPoolId": "eu-central-1_Example01",
            "userName": "ada \"lovelace\" \u{1F600}",
            "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "1h2e", "new": 1 },
            "new": { "big": 12_345_678_901_234_567_890_u64, "float": 1.0, "null": null },
            "request": request,
            "response": response,
        })
        .to_string()
    }

    /// Reads the event, changes its response, and writes it.
    fn answer<'e, Q: Deserialize<'e>, R: Deserialize<'e> + Serialize>(
        text: &'e str,
        change: impl FnOnce(&mut Event<'e, Q, R>),
    ) -> String {
        let mut event = decode(text.as_bytes()).unwrap();
        change(&mut event);
        serde_json::to_string(&event).unwrap()
    }

    #[test]
    fn an_event_that_is_not_changed_is_written_byte_for_byte() {
        let requests = [
            json!({ "userAttributes": { "email": "a", "verified": true, "age": 36, "none": null } }),
            json!({ "userAttributes": null, "validationData": null, "clientMetadata": null, "x": 1 }),
        ];
        let responses = [
            json!({}),
            json!({ "autoConfirmUser": null, "unknown": [1, 2.50, "\u{e9}\u{301}"] }),
            json!({ "autoConfirmUser": true, "autoVerifyEmail": false }),
        ];
        for request in &requests {
            for response in &responses {
                let text = event("PreSignUp_SignUp", request, response);
                let text = text.replace("2.5", "2.50e0").replace("\u{301}", "\\u0301");
                let spaced = text.replace(",\"", " ,\n  \"");
                for text in [&text, &spaced] {
                    let answered = answer(text, |_: &mut PreSignUp<'_>| ());
                    // The space between the members is not part of a value.
                    let values: Value = serde_json::from_str(text).unwrap();
                    assert_eq!(serde_json::from_str::<Value>(&answered).unwrap(), values);
                }
                assert_eq!(answer(&text, |_: &mut PreSignUp<'_>| ()), text);
            }
        }
    }

    #[test]
    fn changes_of_the_response_are_written_beside_what_it_had() {
        let sent =
            json!({ "autoConfirmUser": false, "unknown": { "a": [1] }, "autoVerifyEmail": null });
        let text = event("PreSignUp_SignUp", &json!({}), &sent);
        let answered = answer(&text, |event: &mut PreSignUp<'_>| {
            event.response.auto_confirm_user = true;
            event.response.auto_verify_phone = true;
        });
        let expected = r#""autoConfirmUser":false"#;
        let expected = text.replace(expected, r#""autoConfirmUser":true"#);
        let expected = expected
            .replace(r#""unknown":{"a":[1]}}"#, r#""unknown":{"a":[1]},"autoVerifyPhone":true}"#);
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(value(&answered), value(&expected));
    }

    #[test]
    fn a_field_of_the_response_can_be_taken_back() {
        let sent = json!({ "challengeName": "CUSTOM_CHALLENGE", "issueTokens": null });
        let text = event("DefineAuthChallenge_Authentication", &json!({ "session": null }), &sent);
        let answered = answer(&text, |event: &mut DefineAuthChallenge<'_>| {
            event.response.challenge_name = None;
            event.response.fail_authentication = Some(true);
        });
        let answered: Value = serde_json::from_str(&answered).unwrap();
        assert_eq!(
            answered["response"],
            json!({ "issueTokens": null, "failAuthentication": true })
        );
    }

    #[test]
    fn a_response_in_place_of_null_and_of_any_type_is_written() {
        let text = event(
            "TokenGeneration_Authentication",
            &json!({}),
            &json!({
                "claimsAndScopeOverrideDetails": null
            }),
        );
        let answered = answer(&text, |event: &mut PreTokenGenerationV2<'_>| {
            event.response.claims_and_scope_override_details =
                Some(ClaimsAndScopeOverrideDetails {
                    access_token_generation: Some(AccessTokenGeneration {
                        claims_to_add_or_override: [("tier".to_owned(), json!(["gold"]))].into(),
                        scopes_to_add: vec!["orders:read".to_owned()],
                        ..AccessTokenGeneration::default()
                    }),
                    ..ClaimsAndScopeOverrideDetails::default()
                });
        });
        let answered: Value = serde_json::from_str(&answered).unwrap();
        assert_eq!(
            answered["response"],
            json!({ "claimsAndScopeOverrideDetails": {
            "accessTokenGeneration": {
                "claimsToAddOrOverride": { "tier": ["gold"] },
                "scopesToAdd": ["orders:read"],
            },
        } })
        );
        let text = event("New_Trigger", &json!([1]), &Value::Null);
        let answered = answer(&text, |event: &mut Event<'_, Value, Value>| {
            event.response = json!({ "a": event.request[0] });
        });
        assert!(answered.contains(r#""response":{"a":1}"#), "{answered}");
    }

    #[test]
    fn attributes_are_text_and_borrowed() {
        let request = json!({ "userAttributes": {
            "email": "ada@example.com", "verified": true, "age": -36, "none": null, "sub": "a\"b",
        } });
        let text = event("PostConfirmation_ConfirmSignUp", &request, &json!({}));
        let event: PostConfirmation<'_> = decode(text.as_bytes()).unwrap();
        let attributes = &event.request.user_attributes;
        assert_eq!(attributes.get("verified"), Some("true"));
        assert_eq!(attributes.get("age"), Some("-36"));
        assert_eq!(attributes.get("none"), None);
        assert_eq!(attributes.get("sub"), Some("a\"b"));
        assert_eq!(attributes.iter().count(), 4);
        let is_borrowed =
            attributes.0.iter().any(|(_, it)| matches!(it, Cow::Borrowed("ada@example.com")));
        assert!(is_borrowed, "{attributes:?}");
        assert_eq!(event.user_name.as_deref(), Some("ada \"lovelace\" \u{1F600}"));
        assert_eq!(event.caller_context.client_id.as_deref(), Some("1h2e"));
    }

    #[test]
    fn errors_have_a_path() {
        let request =
            json!({ "session": [{ "challengeName": "SRP_A", "challengeResult": "yes" }] });
        let wrong = event("DefineAuthChallenge_Authentication", &request, &json!({}));
        let missing = event("a", &json!({}), &json!({}));
        let missing = missing.replace(r#""userPoolId":"eu-central-1_Example01","#, "");
        let nested = event("a", &json!({ "userAttributes": { "email": {} } }), &json!({}));
        let messages = [
            decode::<DefineAuthChallenge<'_>>(wrong.as_bytes()).unwrap_err(),
            decode::<DefineAuthChallenge<'_>>(missing.as_bytes()).unwrap_err(),
            decode::<PreSignUp<'_>>(nested.as_bytes()).unwrap_err(),
            decode::<PreSignUp<'_>>(b"[]").unwrap_err(),
            decode::<PreSignUp<'_>>(b"{").unwrap_err(),
        ]
        .map(|error| error.message().to_owned());
        let expected = [
            "cannot read the event: `request.session[0].challengeResult`: invalid type: string \"yes\", expected a boolean at line 1 column 240",
            "cannot read the event: missing field `userPoolId` at line 1 column 266",
            "cannot read the event: `request.userAttributes.email`: invalid type: map, expected a string at line 1 column 209",
            "cannot read the event: invalid length 1, expected an object at line 1 column 2",
            "cannot read the event: EOF while parsing an object at line 1 column 1",
        ];
        assert_eq!(messages, expected);
    }
}
