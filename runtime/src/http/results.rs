//! Responses of the usual kinds: something was created, there is nothing to say, look elsewhere.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::into_response::IntoResponse;
use super::response::Response;

/// The characters that a header with a URL cannot hold, or that a URL cannot (RFC 3986). Characters
/// that are not ASCII are encoded too; a `%` stays, so an encoded URL stays as it is.
const NOT_IN_A_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// `201 Created`, with the new resource and its URL.
///
/// ```
/// use lambda_native::http::{Created, IntoResponse, Json};
///
/// let response = Created::at("/orders/7", Json(["tea"])).into_response();
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.header("location"), Some("/orders/7"));
/// assert_eq!(response.body(), br#"["tea"]"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created<T = ()> {
    location: Option<Cow<'static, str>>,
    body: T,
}

impl<T> Created<T> {
    /// Makes the response, without a URL.
    pub const fn new(body: T) -> Self {
        Self { location: None, body }
    }

    /// Makes the response with the URL of the resource. Characters that cannot stand in a URL are encoded.
    pub fn at(location: impl Into<Cow<'static, str>>, body: T) -> Self {
        Self { location: Some(location.into()), body }
    }
}

impl<T: IntoResponse> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let response = (201, self.body).into_response();
        match self.location {
            Some(location) => response.with_header("location", encoded(&location)),
            None => response,
        }
    }
}

/// `204 No Content`.
///
/// ```
/// use lambda_native::http::{IntoResponse, NoContent};
///
/// assert_eq!(NoContent.into_response().status(), 204);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        Response::new(204)
    }
}

/// A redirect to another URL. Characters that cannot stand in a URL are encoded.
///
/// ```
/// use lambda_native::http::{IntoResponse, Redirect};
///
/// let response = Redirect::permanent("/orders?name=green tea").into_response();
/// assert_eq!(response.status(), 308);
/// assert_eq!(response.header("location"), Some("/orders?name=green%20tea"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    status: u16,
    location: Cow<'static, str>,
}

impl Redirect {
    /// `303 See Other`: the client sends a `GET` to the URL, whatever the method was.
    pub fn to(location: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 303, location: location.into() }
    }

    /// `307 Temporary Redirect`: the client repeats the request at the URL.
    pub fn temporary(location: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 307, location: location.into() }
    }

    /// `308 Permanent Redirect`: the client repeats the request at the URL, now and later.
    pub fn permanent(location: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 308, location: location.into() }
    }
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        Response::redirect(self.status, encoded(&self.location))
    }
}

fn encoded(url: &str) -> String {
    utf8_percent_encode(url, NOT_IN_A_URL).to_string()
}
