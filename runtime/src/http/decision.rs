//! The decision of a Lambda authorizer: allow a request, or deny it.

use std::borrow::Cow;

use super::into_response::IntoResponse;
use super::response::Response;
use crate::error::Error;

/// Lets a request pass a Lambda authorizer. Its context, a struct of your own, reaches the handlers behind it.
///
/// ```
/// use lambda_native::http::{Allow, Deny};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct User {
///     name: String,
///     is_admin: bool,
/// }
///
/// // With `#[lambda_handler(authorizer)]` and `#[header]` on the parameter, this is a whole program.
/// async fn check(authorization: &str) -> Result<Allow<User>, Deny> {
///     let token = authorization.strip_prefix("Bearer ").ok_or(Deny::Unauthorized)?;
///     match token {
///         "ada's" => Ok(Allow::new("7").with_context(User { name: "Ada".into(), is_admin: true })),
///         _ => Err(Deny::Forbidden),
///     }
/// }
///
/// # use lambda_native::testing::block_on;
/// assert_eq!(block_on(check("Bearer ada's")).unwrap().principal(), "7");
/// assert_eq!(block_on(check("Bearer eve's")).err(), Some(Deny::Forbidden));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow<C = ()> {
    principal: Cow<'static, str>,
    context: C,
}

impl Allow {
    /// Allows the request of this caller: the `principalId`, which API Gateway writes to its logs and passes on
    /// beside the context.
    pub fn new(principal: impl Into<Cow<'static, str>>) -> Self {
        Self { principal: principal.into(), context: () }
    }
}

impl<C> Allow<C> {
    /// Sets the context: a struct or a map. A REST API takes only text, numbers and booleans in it; members
    /// that are `None` are left out.
    pub fn with_context<D>(self, context: D) -> Allow<D> {
        Allow { principal: self.principal, context }
    }

    /// Returns the id of the caller.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// Returns the context.
    pub const fn context(&self) -> &C {
        &self.context
    }
}

/// Denies a request, as the error of a Lambda authorizer or of a [wrapper](crate::lambda_handler#wrap).
///
/// The response of an authorizer's API is API Gateway's own. An HTTP API knows only `403`, for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deny {
    /// Nobody knows who the caller is: `401`.
    Unauthorized,
    /// The caller does not have permission: `403`.
    Forbidden,
}

/// It has the status.
impl From<Deny> for Error {
    fn from(deny: Deny) -> Self {
        match deny {
            // A REST API responds with `401` to an error with just this message ("Use API Gateway Lambda
            // authorizers" in AWS's documentation).
            Deny::Unauthorized => Self::new("Unauthorized", "Unauthorized").with_status(401),
            Deny::Forbidden => Self::new("Forbidden", "Forbidden").with_status(403),
        }
    }
}

impl IntoResponse for Deny {
    fn into_response(self) -> Response {
        Error::from(self).into_response()
    }
}
