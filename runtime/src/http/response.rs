//! Responses, independent of the format that they are written in.

use std::borrow::Cow;

use super::body::Body;
use crate::error::Error;
use crate::json::string::write_string;

/// An HTTP response: a status, headers, a body.
///
/// ```
/// use lambda_native::http::Response;
///
/// let response = Response::new(201)
///     .with_header("location", "/orders/7")
///     .with_cookie("seen=7; HttpOnly; Secure")
///     .with_body("made");
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.header("Location"), Some("/orders/7"));
/// assert_eq!(response.body(), b"made");
/// ```
///
/// The status and the headers are checked when the response is written. If HTTP does not allow them,
/// the response becomes a `500` and the reason goes to the log.
///
/// A body that is UTF-8 is sent as text, unless it is made from bytes and has a `content-encoding`. Any
/// other body is sent as base64, which REST APIs decode only for the binary media types that the API
/// lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    body: Body<'static>,
    /// The error behind the response, if it goes to the log.
    error: Option<Error>,
    /// The message that the body consists of.
    message: Option<String>,
    /// An error behind the response fails the invocation.
    fails_invocation: bool,
}

impl Response {
    /// Makes a response without headers or body.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::empty(),
            error: None,
            message: None,
            fails_invocation: false,
        }
    }

    /// Makes a page of HTML, with status 200.
    pub fn html(page: impl Into<Cow<'static, str>>) -> Self {
        Self::new(200)
            .with_header("content-type", "text/html; charset=utf-8")
            .with_body(page.into())
    }

    /// Makes a redirect. With status 303, the client sends a `GET` to the location, whatever the method
    /// was. With 307 (temporary) and 308 (permanent), it repeats the request there.
    ///
    /// ```
    /// use lambda_native::http::Response;
    ///
    /// let response = Response::redirect(308, "https://example.com/");
    /// assert_eq!(response.header("location"), Some("https://example.com/"));
    /// ```
    pub fn redirect(status: u16, location: impl Into<Cow<'static, str>>) -> Self {
        Self::new(status).with_header("location", location)
    }

    /// Sets the status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a header, and removes others of the same name.
    #[must_use]
    pub fn with_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        let name = name.into();
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(&name));
        self.with_added_header(name, value)
    }

    /// Adds a header, and keeps others of the same name.
    #[must_use]
    pub fn with_added_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a cookie, written as in `set-cookie`: `name=value; HttpOnly; Secure`.
    ///
    /// A load balancer takes only one, unless its target group has multi-value headers.
    #[must_use]
    pub fn with_cookie(self, cookie: impl Into<Cow<'static, str>>) -> Self {
        self.with_added_header("set-cookie", cookie)
    }

    /// Sets the body, text or bytes. It does not set a `content-type`.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body<'static>>) -> Self {
        self.body = body.into();
        self.message = None;
        self
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the first value of a header. Upper and lower case are the same.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Returns all headers, one item for each value. Cookies are among them as `set-cookie`.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.as_bytes()
    }

    /// Returns the body as text, if it can be sent as text.
    pub(super) fn text(&self) -> Option<&str> {
        let body = &self.body;
        body.as_text().or_else(|| {
            let bytes = body.as_bytes();
            let is_encoded = !bytes.is_empty() && self.header("content-encoding").is_some();
            str::from_utf8(bytes).ok().filter(|_| !is_encoded)
        })
    }

    /// Returns the error behind the response, if it goes to the log.
    pub(super) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Takes the error behind the response, if it goes to the log.
    pub(super) fn into_error(self) -> Option<Error> {
        self.error
    }

    /// Lets an error behind the response fail the invocation.
    pub(super) const fn failing_invocation(mut self) -> Self {
        self.fails_invocation = true;
        self
    }

    /// Returns the response unless the error behind it fails the invocation.
    pub(super) fn or_failure(self) -> Result<Self, Error> {
        match self.error {
            Some(error) if self.fails_invocation => Err(error),
            error => Ok(Self { error, ..self }),
        }
    }

    /// Makes the response to an error.
    pub(super) fn of(error: Error) -> Self {
        let status = error.status().unwrap_or(500);
        let message = match error.status() {
            Some(_) => error.message(),
            None => "Internal Server Error",
        };
        Self::new(status).with_message(message).with_error(error)
    }

    /// Keeps the error behind the response for the log, if the response is one of the server's failure.
    pub(crate) fn with_error(self, error: Error) -> Self {
        if self.status < 500 || self.error.is_some() {
            return self;
        }
        Self { error: Some(error), ..self }
    }

    /// Sets the body to `{"message":"…"}`, as in the responses of API Gateway itself.
    pub(super) fn with_message(self, message: &str) -> Self {
        let mut body = Vec::with_capacity(message.len() + 16);
        body.extend_from_slice(br#"{"message":"#);
        write_string(message, &mut body);
        body.push(b'}');
        let response = self.with_header("content-type", "application/json").with_body(body);
        Self { message: Some(message.to_owned()), ..response }
    }

    /// Returns the message that the body consists of, if it does.
    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Removes the body, and keeps the headers that describe it.
    pub(crate) fn without_body(self) -> Self {
        self.with_body("")
    }

    /// Returns the response itself if HTTP allows it, or else a `500`.
    pub(super) fn or_refused(self) -> Self {
        match self.fault() {
            None => self,
            Some(fault) => Self { fails_invocation: self.fails_invocation, ..Self::of(fault) },
        }
    }

    /// Finds what HTTP does not allow in the response.
    pub(super) fn fault(&self) -> Option<Error> {
        // A status of 100 to 199 announces another response.
        let fault = if (200..=599).contains(&self.status) {
            self.headers().find_map(|(name, value)| header_fault(name, value))
        } else {
            Some(format!("a response cannot have the status {}", self.status))
        };
        fault.map(|fault| Error::new("Runtime.InvalidResponse", fault))
    }
}

/// Finds what HTTP does not allow in a header.
fn header_fault(name: &str, value: &str) -> Option<String> {
    if name.is_empty() || !name.bytes().all(is_token) {
        Some(format!("a response cannot have a header named {name:?}"))
    } else if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        Some(format!("a response cannot have the header `{name}: {}`", value.escape_debug()))
    } else {
        None
    }
}

/// Tells whether a byte can be in the name of a header (RFC 9110, `tchar`).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}
