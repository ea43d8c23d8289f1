//! A response: what a function makes, whatever shape it is written in later.

use std::borrow::Cow;

use super::Body;
use crate::Failure;

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
/// What HTTP does not allow in a status or a header is found when the response is written: it is
/// then a `500`, and the log says what was wrong.
///
/// A body of text goes out as text. One of bytes goes out as text too if its `content-type` says
/// that it is (`text/*`, JSON, XML, JavaScript, a form, or any type with a `charset`), if it is
/// UTF-8, and if there is no `content-encoding`; else it is written as base64, which REST APIs undo
/// only for the binary media types that the API lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    body: Body<'static>,
    /// What went wrong where that is not for the caller to know.
    failure: Option<Failure>,
}

impl Response {
    /// A response without headers or body.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::empty(), failure: None }
    }

    /// A page of HTML, with status 200.
    pub fn html(page: impl Into<Cow<'static, str>>) -> Self {
        Self::new(200)
            .with_header("content-type", "text/html; charset=utf-8")
            .with_body(page.into())
    }

    /// A redirect to another place: with status 303 the client gets it whatever the method was, with
    /// 307 (for now) and 308 (for good) it repeats the request there.
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

    /// With another status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With a header, in place of any of the same name.
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

    /// With a header beside any of the same name.
    #[must_use]
    pub fn with_added_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With one cookie more, written as in `set-cookie`: `name=value; HttpOnly; Secure`.
    ///
    /// A load balancer takes only one, unless its target group has multi-value headers.
    #[must_use]
    pub fn with_cookie(self, cookie: impl Into<Cow<'static, str>>) -> Self {
        self.with_added_header("set-cookie", cookie)
    }

    /// With a body: text or bytes. It has no `content-type` but what a header gives it.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body<'static>>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The first value of a header, its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// All headers, cookies among them as `set-cookie`, one item for each value.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.as_bytes()
    }

    /// The body as text, where it may go out as text.
    pub(super) fn text(&self) -> Option<&str> {
        let body = &self.body;
        body.as_text().or_else(|| {
            let is_text = self.header("content-encoding").is_none()
                && self.header("content-type").is_some_and(is_text);
            is_text.then(|| str::from_utf8(body.as_bytes()).ok()).flatten()
        })
    }

    /// What went wrong where that is not for the caller to know.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The answer to a failure.
    pub(super) fn of(failure: Failure) -> Self {
        let status = failure.status().unwrap_or(500);
        let message = match failure.status() {
            Some(_) => failure.message(),
            None => "Internal Server Error",
        };
        let response = Self::new(status).with_message(message);
        if status < 500 { response } else { Self { failure: Some(failure), ..response } }
    }

    /// With `{"message":"…"}` for a body, as API Gateway has it for its own answers.
    pub(super) fn with_message(self, message: &str) -> Self {
        let mut body = Vec::with_capacity(message.len() + 16);
        body.extend_from_slice(br#"{"message":"#);
        super::encode::string(message, &mut body);
        body.push(b'}');
        self.with_header("content-type", "application/json").with_body(body)
    }

    /// The response itself, or the answer to what HTTP does not allow in it.
    pub(super) fn or_refused(self) -> Self {
        match self.fault() {
            None => self,
            Some(fault) => Self::of(fault),
        }
    }

    /// What HTTP does not allow in it.
    pub(super) fn fault(&self) -> Option<Failure> {
        let fault = if (100..=599).contains(&self.status) {
            self.headers().find_map(|(name, value)| header_fault(name, value))
        } else {
            Some(format!("a response cannot have the status {}", self.status))
        };
        fault.map(|fault| Failure::new("Runtime.InvalidResponse", fault))
    }
}

/// What HTTP does not allow in a header.
fn header_fault(name: &str, value: &str) -> Option<String> {
    if name.is_empty() || !name.bytes().all(is_token) {
        Some(format!("a response cannot have a header named {name:?}"))
    } else if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        Some(format!("a response cannot have the header `{name}: {}`", value.escape_debug()))
    } else {
        None
    }
}

/// Whether a byte may be in a header's name (RFC 9110, `tchar`).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Whether a body of that `content-type` is text.
fn is_text(content_type: &str) -> bool {
    let (media_type, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let (kind, subtype) = media_type.trim().split_once('/').unwrap_or((media_type, ""));
    let suffix = subtype.rsplit_once('+').map_or(subtype, |(_, suffix)| suffix);
    let is = |text: &str, other: &str| text.eq_ignore_ascii_case(other);
    is(kind, "text")
        || is(kind, "application")
            && ["json", "xml", "javascript", "x-www-form-urlencoded"]
                .into_iter()
                .any(|text| is(suffix, text))
        || parameters.split(';').any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, _)| is(name.trim(), "charset"))
        })
}
