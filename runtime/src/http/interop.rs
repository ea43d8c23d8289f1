//! Conversions from and to the types of the `http` crate.

use std::borrow::Cow;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::body::Body;
use super::into_response::IntoResponse;
use super::kind::RequestKind;
use super::request::Request;
use super::response::Response;
use crate::error::Error;

/// The characters that a path cannot contain.
const PATH: &AsciiSet = &QUERY.add(b'?').add(b'`').add(b'{').add(b'}');
/// The characters that a decoded path cannot contain. In it, `%` stands for itself.
const DECODED_PATH: &AsciiSet = &PATH.add(b'%');
/// The characters that a query cannot contain.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// Converts a request: the path without the stage but with the query, cookies among the headers, the
/// body with base64 decoded, and the [`RequestKind`] in the extensions.
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
    /// Has the status 400 if HTTP does not allow the request. Others are those of [`Request::body`].
    type Error = Error;

    fn try_from(request: Request<'_>) -> Result<Self, Error> {
        let mut converted = Self::new(request.body()?.to_vec());
        *converted.method_mut() =
            Method::from_bytes(request.method().as_bytes()).map_err(refuse)?;
        *converted.uri_mut() = uri(&request)?;
        converted.extensions_mut().insert(request.kind());
        let headers = converted.headers_mut();
        for (name, value) in request.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(refuse)?;
            let value = HeaderValue::from_str(value).map_err(refuse)?;
            headers.try_append(name, value).map_err(|error| Error::from(error).with_status(431))?;
        }
        let cookies: Vec<_> = request.raw_cookies().collect();
        if !headers.contains_key(header::COOKIE) && !cookies.is_empty() {
            let cookies = cookies.join("; ");
            headers.insert(header::COOKIE, HeaderValue::try_from(cookies).map_err(refuse)?);
        }
        Ok(converted)
    }
}

fn uri(request: &Request<'_>) -> Result<Uri, Error> {
    let reserved = match request.kind() {
        RequestKind::HttpApi => DECODED_PATH,
        _ => PATH,
    };
    let mut uri = utf8_percent_encode(request.path(), reserved).to_string();
    if !uri.starts_with('/') && uri != "*" {
        uri.insert(0, '/');
    }
    let query = request.raw_query();
    if !query.is_empty() {
        uri.push('?');
        uri.extend(utf8_percent_encode(&query, QUERY));
    }
    uri.try_into().map_err(refuse)
}

fn refuse(error: impl std::error::Error) -> Error {
    Error::from(error).with_status(400)
}

/// Converts a response. A header whose value is not UTF-8 makes it a `500`.
impl<B: Into<Body<'static>>> From<::http::Response<B>> for Response {
    fn from(response: ::http::Response<B>) -> Self {
        let (parts, body) = response.into_parts();
        let converted = Self::new(parts.status.as_u16()).with_body(body);
        with_headers(converted, &parts.headers).unwrap_or_else(Self::of)
    }
}

fn with_headers(mut response: Response, headers: &HeaderMap) -> Result<Response, Error> {
    for (name, value) in headers {
        let value = str::from_utf8(value.as_bytes())?.to_owned();
        response = response.with_added_header(Cow::Owned(name.as_str().to_owned()), value);
    }
    Ok(response)
}

/// Converts to a [`Response`] first.
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

/// A response with this status, without a body.
impl IntoResponse for StatusCode {
    fn into_response(self) -> Response {
        self.as_u16().into_response()
    }
}

/// The response of `T`, with this status.
///
/// ```
/// use http::StatusCode;
/// use lambda_native::http::IntoResponse;
///
/// let response = (StatusCode::CREATED, "made").into_response();
/// assert_eq!(response.status(), 201);
/// ```
impl<T: IntoResponse> IntoResponse for (StatusCode, T) {
    fn into_response(self) -> Response {
        let (status, value) = self;
        (status.as_u16(), value).into_response()
    }
}

/// The response of `T`, with this status and these headers.
impl<T: IntoResponse> IntoResponse for (StatusCode, HeaderMap, T) {
    fn into_response(self) -> Response {
        let (status, headers, value) = self;
        let response = (status, value).into_response();
        with_headers(response, &headers).unwrap_or_else(Response::of)
    }
}
