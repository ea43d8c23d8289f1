//! From and to the types of the `http` crate.

use std::borrow::Cow;

use ::http::{HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{Body, IntoResponse, Request, Response};
use crate::Failure;

/// What cannot stand in the path of a URI as it is; `%` can, as most kinds hand the path over
/// encoded.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The request as the `http` crate has it: the path without the stage, and with the query; cookies
/// among the headers; the body with base64 undone. The [`Kind`](super::Kind) is in its extensions.
///
/// ```
/// use lambda_native::http::Request;
///
/// let request = Request::new("GET", "/hello?name=Ada").with_cookie("session", "1234");
/// let request = http::Request::<Vec<u8>>::try_from(request).unwrap();
/// assert_eq!(request.uri(), "/hello?name=Ada");
/// assert_eq!(request.headers()["cookie"], "session=1234");
/// ```
impl TryFrom<Request<'_>> for ::http::Request<Vec<u8>> {
    /// A failure with status 400: the request has what HTTP does not allow.
    type Error = Failure;

    fn try_from(request: Request<'_>) -> Result<Self, Failure> {
        let mut converted = Self::new(request.body().to_vec());
        *converted.method_mut() =
            Method::from_bytes(request.method().as_bytes()).map_err(refuse)?;
        *converted.uri_mut() = uri(&request)?;
        converted.extensions_mut().insert(request.kind());
        let headers = converted.headers_mut();
        for (name, value) in request.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(refuse)?;
            headers.append(name, HeaderValue::from_str(value).map_err(refuse)?);
        }
        if !headers.contains_key(header::COOKIE) && request.cookies().next().is_some() {
            let cookies = request.cookies().map(|(name, value)| format!("{name}={value}"));
            let cookies = cookies.collect::<Vec<_>>().join("; ");
            headers.insert(header::COOKIE, HeaderValue::try_from(cookies).map_err(refuse)?);
        }
        Ok(converted)
    }
}

fn uri(request: &Request<'_>) -> Result<Uri, Failure> {
    let mut uri = utf8_percent_encode(request.path(), PATH).to_string();
    let query = request.raw_query();
    if !query.is_empty() {
        uri.push('?');
        uri.push_str(&query);
    }
    uri.try_into().map_err(refuse)
}

fn refuse(error: impl std::error::Error) -> Failure {
    Failure::from(error).with_status(400)
}

/// A header whose value is not UTF-8 is answered with a `500`.
impl<B: Into<Body<'static>>> From<::http::Response<B>> for Response {
    fn from(response: ::http::Response<B>) -> Self {
        let (parts, body) = response.into_parts();
        let mut converted = Self::new(parts.status.as_u16()).with_body(body);
        for (name, value) in &parts.headers {
            let value = match str::from_utf8(value.as_bytes()) {
                Ok(value) => value.to_owned(),
                Err(error) => return Self::of(error.into()),
            };
            converted = converted.with_added_header(Cow::Owned(name.as_str().to_owned()), value);
        }
        converted
    }
}

/// As the [`Response`] that it turns into.
///
/// ```
/// use lambda_native::http::IntoResponse;
///
/// let response = http::Response::builder().status(201).body("made").unwrap().into_response();
/// assert_eq!(response.status(), 201);
/// ```
impl<B: Into<Body<'static>>> IntoResponse for ::http::Response<B> {
    fn into_response(self) -> Response {
        self.into()
    }
}
