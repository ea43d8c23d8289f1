//! The responses that types stand for.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::schemas::{NO_RESPONSES, Schemas};
use crate::Error;
use crate::http::{Created, Json, NoContent, Problem, Redirect, Response, reason};

/// A type whose responses are known: implement it for an error of your own that is
/// [`IntoResponse`](crate::http::IntoResponse).
///
/// ```
/// use lambda_native::http::{IntoResponse, Problem, Response};
/// use lambda_native::openapi::{DescribeResponses, Responses};
///
/// enum OrderError {
///     Unknown,
///     Paid,
/// }
///
/// impl IntoResponse for OrderError {
///     fn into_response(self) -> Response {
///         let problem = match self {
///             Self::Unknown => Problem::new(404),
///             Self::Paid => Problem::new(409).with_detail("the order is paid"),
///         };
///         problem.into_response()
///     }
/// }
///
/// // In your program, below `#[cfg(feature = "openapi")]`.
/// impl DescribeResponses for OrderError {
///     fn describe(responses: &mut Responses<'_>) {
///         responses.problem(404);
///         responses.problem(409);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the responses of `{Self}` are not described",
    note = "implement `lambda_native::openapi::DescribeResponses` for it"
)]
pub trait DescribeResponses {
    /// Adds the responses.
    fn describe(responses: &mut Responses<'_>);
}

/// The responses of a handler.
#[derive(Debug)]
pub struct Responses<'d> {
    schemas: &'d mut Schemas,
    list: Vec<ResponseDescription>,
}

/// One response.
#[derive(Debug)]
struct ResponseDescription {
    status: Status,
    /// The media type and the schema of the body.
    content: Option<(&'static str, Value)>,
    has_location: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Exactly(u16),
    Redirect,
    /// One that the type does not tell.
    Any,
}

impl<'d> Responses<'d> {
    pub(super) fn new(schemas: &'d mut Schemas) -> Self {
        Self { schemas, list: Vec::new() }
    }

    /// Adds a response with a body of JSON.
    pub fn json<T: JsonSchema + ?Sized>(&mut self, status: u16) {
        let schema = self.schemas.of::<T>();
        self.add(Status::Exactly(status), Some(("application/json", schema)));
    }

    /// Adds a [`Problem`].
    pub fn problem(&mut self, status: u16) {
        self.problem_of::<Problem>(Status::Exactly(status));
    }

    /// Adds a response with a body of text.
    pub fn text(&mut self, status: u16) {
        self.add(Status::Exactly(status), Some(("text/plain", json!({ "type": "string" }))));
    }

    /// Adds a response without a body.
    pub fn empty(&mut self, status: u16) {
        self.add(Status::Exactly(status), None);
    }

    /// Adds a response of which nothing is known.
    pub fn any(&mut self) {
        self.add(Status::Any, Some(("*/*", json!({}))));
    }

    /// Adds the responses of a type of which nothing is known.
    pub(super) fn undescribed(&mut self, type_name: &str) {
        self.add(Status::Any, Some(("*/*", json!({ (NO_RESPONSES): type_name }))));
    }

    /// Adds a problem whose status the type does not tell.
    pub(super) fn any_problem(&mut self) {
        self.problem_of::<Problem>(Status::Any);
    }

    /// Adds the response to a request with wrong parameters.
    pub(super) fn wrong_parameters<T: JsonSchema>(&mut self, status: u16) {
        self.problem_of::<T>(Status::Exactly(status));
    }

    fn problem_of<T: JsonSchema>(&mut self, status: Status) {
        let schema = self.schemas.of::<T>();
        self.add(status, Some(("application/problem+json", schema)));
    }

    fn add(&mut self, status: Status, content: Option<(&'static str, Value)>) {
        self.list.push(ResponseDescription { status, content, has_location: false });
    }

    /// Adds the responses of `T`, each changed.
    fn changed<T: DescribeResponses>(&mut self, change: impl FnMut(&mut ResponseDescription)) {
        let count = self.list.len();
        T::describe(self);
        self.list.iter_mut().skip(count).for_each(change);
    }

    /// Writes them. Those of one status become one, with the bodies of all.
    pub(super) fn write(self) -> Value {
        let mut responses: Map<String, Value> = Map::new();
        for ResponseDescription { status, content, has_location } in self.list {
            let (key, description) = match status {
                Status::Exactly(status) => (status.to_string(), reason(status)),
                Status::Redirect => ("3XX".to_owned(), "Redirect"),
                Status::Any => ("default".to_owned(), "Any other response"),
            };
            let description = if description.is_empty() { &key } else { description };
            let description = json!({ "description": description });
            let response = responses.entry(key).or_insert(description);
            if let Some((media_type, schema)) = content {
                let is_open = media_type == "*/*";
                let schema = if is_open { schema } else { json!({ "schema": schema }) };
                add_content(&mut response["content"], media_type, schema);
            }
            if has_location {
                response["headers"] = json!({
                    "location": {
                        "description": "The URL.",
                        "schema": { "type": "string", "format": "uri-reference" }
                    }
                });
            }
        }
        Value::Object(responses)
    }
}

/// Adds a body. A second schema of one media type becomes an alternative.
fn add_content(content: &mut Value, media_type: &str, added: Value) {
    match content.get_mut(media_type) {
        Some(known) if *known == added => {}
        Some(known) => {
            let schemas = [known.get("schema"), added.get("schema")];
            let schemas: Vec<&Value> = schemas.into_iter().flatten().collect();
            *known = json!({ "schema": { "anyOf": schemas } });
        }
        None => content[media_type] = added,
    }
}

impl<T: JsonSchema> DescribeResponses for Json<T> {
    fn describe(responses: &mut Responses<'_>) {
        responses.json::<T>(200);
    }
}

impl DescribeResponses for Value {
    fn describe(responses: &mut Responses<'_>) {
        responses.json::<Value>(200);
    }
}

macro_rules! text {
    ($($ty:ty)*) => {$(
        impl DescribeResponses for $ty {
            fn describe(responses: &mut Responses<'_>) {
                responses.text(200);
            }
        }
    )*};
}

text! { String &str Cow<'_, str> }

macro_rules! bytes {
    ($($ty:ty)*) => {$(
        impl DescribeResponses for $ty {
            fn describe(responses: &mut Responses<'_>) {
                let schema = json!({ "type": "string", "format": "binary" });
                responses.add(Status::Exactly(200), Some(("application/octet-stream", schema)));
            }
        }
    )*};
}

bytes! { Vec<u8> &[u8] }

macro_rules! no_content {
    ($($ty:ty)*) => {$(
        impl DescribeResponses for $ty {
            fn describe(responses: &mut Responses<'_>) {
                responses.empty(204);
            }
        }
    )*};
}

no_content! { () NoContent }

impl DescribeResponses for u16 {
    fn describe(responses: &mut Responses<'_>) {
        responses.add(Status::Any, None);
    }
}

impl<T: DescribeResponses> DescribeResponses for (u16, T) {
    fn describe(responses: &mut Responses<'_>) {
        responses.changed::<T>(|response| response.status = Status::Any);
    }
}

impl<N, V, T: DescribeResponses, const COUNT: usize> DescribeResponses for ([(N, V); COUNT], T) {
    fn describe(responses: &mut Responses<'_>) {
        T::describe(responses);
    }
}

impl<N, V, T: DescribeResponses, const COUNT: usize> DescribeResponses
    for (u16, [(N, V); COUNT], T)
{
    fn describe(responses: &mut Responses<'_>) {
        <(u16, T)>::describe(responses);
    }
}

impl<T: DescribeResponses> DescribeResponses for Created<T> {
    fn describe(responses: &mut Responses<'_>) {
        responses.changed::<T>(|response| {
            response.status = Status::Exactly(201);
            response.has_location = true;
        });
    }
}

impl DescribeResponses for Redirect {
    fn describe(responses: &mut Responses<'_>) {
        responses.add(Status::Redirect, None);
        responses.list.iter_mut().rev().take(1).for_each(|response| response.has_location = true);
    }
}

impl<T: DescribeResponses> DescribeResponses for Option<T> {
    fn describe(responses: &mut Responses<'_>) {
        T::describe(responses);
        responses.problem(404);
    }
}

impl<T: DescribeResponses, E: DescribeResponses> DescribeResponses for Result<T, E> {
    fn describe(responses: &mut Responses<'_>) {
        T::describe(responses);
        E::describe(responses);
    }
}

macro_rules! any_problem {
    ($($ty:ty)*) => {$(
        impl DescribeResponses for $ty {
            fn describe(responses: &mut Responses<'_>) {
                responses.any_problem();
            }
        }
    )*};
}

any_problem! { Problem Error }

impl DescribeResponses for Response {
    fn describe(responses: &mut Responses<'_>) {
        responses.any();
    }
}
