//! Errors as documents: `application/problem+json`.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::encode::reason;
use super::into_response::IntoResponse;
use super::response::Response;

/// An error response in the form of RFC 9457, "Problem Details for HTTP APIs".
///
/// ```
/// use lambda_native::http::{IntoResponse, Problem};
///
/// let problem = Problem::new(409).with_detail("the order is already paid").with("order", 7);
/// let response = problem.into_response();
/// assert_eq!(response.status(), 409);
/// assert_eq!(response.header("content-type"), Some("application/problem+json"));
/// assert_eq!(
///     response.body(),
///     br#"{"title":"Conflict","status":409,"detail":"the order is already paid","order":7}"#
/// );
/// ```
///
/// A handler returns it as its value or as its error: `Result<Json<Order>, Problem>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: u16,
    kind: Option<Cow<'static, str>>,
    title: Cow<'static, str>,
    detail: Option<Cow<'static, str>>,
    members: Map<String, Value>,
}

impl Problem {
    /// Makes a problem whose title is the reason phrase of the status.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            kind: None,
            title: Cow::Borrowed(reason(status)),
            detail: None,
            members: Map::new(),
        }
    }

    /// Sets the `type`: a URI that identifies the kind of problem. Without it, the status does.
    #[must_use]
    pub fn with_type(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.kind = Some(uri.into());
        self
    }

    /// Sets the `title`, a summary that is the same for all problems of the type.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the `detail`, which explains this occurrence.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a member of your own.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(kind) = &self.kind {
            map.serialize_entry("type", kind)?;
        }
        map.serialize_entry("title", &self.title)?;
        map.serialize_entry("status", &self.status)?;
        if let Some(detail) = &self.detail {
            map.serialize_entry("detail", detail)?;
        }
        for (name, value) in &self.members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.body_of(Response::new(self.status))
    }
}

impl Problem {
    fn body_of(&self, response: Response) -> Response {
        let body = serde_json::to_vec(self).unwrap_or_default();
        response.with_header("content-type", "application/problem+json").with_body(body)
    }
}

/// Turns a response whose body consists of a message into a problem document.
pub(crate) fn into_problem(response: Response) -> Response {
    let Some(message) = response.message() else { return response };
    let status = response.status();
    let problem = Problem::new(status);
    let problem =
        if message == reason(status) { problem } else { problem.with_detail(message.to_owned()) };
    problem.body_of(response)
}
