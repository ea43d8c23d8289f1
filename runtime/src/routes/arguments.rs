//! Reads the parameters of a request as Rust values, and collects what is wrong with them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::router::{Matched, unauthorized};
use super::value::{LONGEST_REASON, ValueError, read, read_all};
use crate::error::Error;
use crate::http::form;
use crate::http::{Authorizer, Form, IntoResponse, Problem, Response};
use crate::json;
use crate::json::Registered;
use crate::json::path::locate;
use crate::printable::printable;

/// The parameters of a request. Each method reads one, or notes why it cannot.
#[derive(Debug)]
pub struct Arguments<'m, 'r> {
    matched: &'m Matched<'r>,
    faults: Vec<Fault>,
    /// The media types of bodies that the handler reads, if the request has another one.
    expected_media_type: Option<&'static str>,
    /// The response to a request without an authorizer's context, or with one that cannot be read.
    refusal: Option<Response>,
}

/// A parameter that cannot be read.
#[derive(Debug)]
struct Fault {
    place: &'static str,
    name: String,
    reason: String,
}

impl<'m, 'r> Matched<'r> {
    /// Returns the parameters.
    #[must_use]
    pub fn arguments(&'m self) -> Arguments<'m, 'r> {
        Arguments { matched: self, faults: Vec::new(), expected_media_type: None, refusal: None }
    }
}

impl<'m> Arguments<'m, '_> {
    /// Reads the value of a placeholder in the path.
    pub fn path<T: Deserialize<'m>>(&mut self, name: &'static str) -> Option<T> {
        let value = read(&mut self.matched.path(name).into_iter(), None);
        self.note("path", name, value)
    }

    /// Reads the values of a name in the query.
    pub fn query<T: Deserialize<'m>>(&mut self, name: &'static str) -> Option<T> {
        let pairs = self.matched.query().iter();
        let value =
            read(&mut pairs.filter_map(|(key, value)| (key == name).then_some(&**value)), None);
        self.note("query", name, value)
    }

    /// Reads the whole query.
    pub fn query_all<T: Deserialize<'m>>(&mut self) -> Option<T> {
        let value = read_all(self.matched.query());
        self.note("query", "", value)
    }

    /// Reads the values of a header.
    pub fn header<T: Deserialize<'m>>(&mut self, name: &'static str) -> Option<T> {
        let value = read(&mut self.matched.request().header_all(name), Some(','));
        self.note("header", name, value)
    }

    /// Reads the values of a cookie.
    pub fn cookie<T: Deserialize<'m>>(&mut self, name: &'static str) -> Option<T> {
        let cookies = self.matched.request().cookies();
        let value =
            read(&mut cookies.filter_map(|(key, value)| (key == name).then_some(value)), None);
        self.note("cookie", name, value)
    }

    /// Reads the body as JSON.
    pub fn json<T: Deserialize<'m>>(&mut self) -> Option<T> {
        let body = self.body("application/json", is_json)?;
        match json::read(body) {
            Ok(value) => Some(value),
            Err(error) => {
                let (path, error) = locate(body, &error, &json::read_error::<T>);
                self.refuse_body(&path, &error)
            }
        }
    }

    /// Reads the body as JSON of a type that is registered in the context `J`.
    pub fn json_with<J, T: Registered<J> + Deserialize<'m>>(&mut self) -> Option<T> {
        self.json()
    }

    /// Reads the body as a form.
    pub fn form<T: Deserialize<'m>>(&mut self) -> Option<Form<T>> {
        let body = self.body(FORM, |media_type| media_type == FORM)?;
        match form::decode(body) {
            Ok(value) => Some(Form(value)),
            Err(error) => self.refuse_body("", &error.to_string()),
        }
    }

    /// Reads the body as text.
    pub fn text<T: From<&'m str>>(&mut self) -> Option<T> {
        match str::from_utf8(self.whole_body()?) {
            Ok(text) => Some(T::from(text)),
            Err(error) => self.refuse_body("", &error.to_string()),
        }
    }

    /// Takes the body as it is.
    pub fn bytes<T: From<&'m [u8]>>(&mut self) -> Option<T> {
        self.whole_body().map(T::from)
    }

    /// Reads a body that can be missing.
    pub fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.whole_body()?.is_empty() { Some(None) } else { read(self).map(Some) }
    }

    /// Reads the context of the API's authorizer, or the claims of its token. An `Option` is `None` without one.
    ///
    /// A REST API turns all values into text, so they are read from text as well.
    pub fn authorizer<T: DeserializeOwned>(&mut self) -> Option<T> {
        let fields = match self.matched.request().authorizer() {
            Some(Authorizer::Lambda(context)) => context,
            Some(Authorizer::Jwt(token)) => token.claims,
            _ => {
                let none = serde_json::from_str("null").ok();
                if none.is_none() {
                    self.refusal.get_or_insert_with(unauthorized);
                }
                return none;
            }
        };
        if let Ok(value) = fields.json() {
            return Some(value);
        }
        let pairs: Vec<_> = fields.iter().collect();
        match read_all(&pairs) {
            Ok(value) => Some(value),
            Err(error) => {
                // The caller cannot correct it, so it is an error of the server.
                let name = error.name.as_deref().unwrap_or_default();
                let name = printable(name, LONGEST_REASON);
                let message =
                    format!("cannot read `{name}` of the authorizer's context: {}", error.reason);
                let error = Error::new("Runtime.UnmarshalError", message);
                self.refusal.get_or_insert_with(|| error.into_response());
                None
            }
        }
    }

    /// Responds with everything that was noted.
    #[must_use]
    pub fn refuse(self) -> Response {
        if let Some(refusal) = self.refusal {
            return refusal;
        }
        let (status, detail) = match self.expected_media_type {
            Some(expected) => (415, format!("the body of this request is `{expected}`")),
            None => (400, "the request has wrong parameters".to_owned()),
        };
        let faults = self
            .faults
            .into_iter()
            .map(|fault| json!({ "in": fault.place, "name": fault.name, "reason": fault.reason }));
        Problem::new(status)
            .with_detail(detail)
            .with("errors", faults.collect::<Vec<Value>>())
            .into_response()
    }

    fn note<T>(
        &mut self,
        place: &'static str,
        name: &str,
        value: Result<T, ValueError>,
    ) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                let name = error.name.as_deref().map_or(Cow::Borrowed(name), |name| {
                    Cow::Owned(printable(name, LONGEST_REASON))
                });
                self.faults.push(Fault { place, name: name.into_owned(), reason: error.reason });
                None
            }
        }
    }

    /// Returns the body, whatever its media type.
    fn whole_body(&mut self) -> Option<&'m [u8]> {
        match self.matched.request().body() {
            Ok(body) => Some(body),
            Err(error) => self.refuse_body("", error.message()),
        }
    }

    /// Returns the body if it has the expected media type.
    fn body(&mut self, expected: &'static str, is_expected: fn(&str) -> bool) -> Option<&'m [u8]> {
        let body = self.whole_body()?;
        if body.is_empty() {
            return self.refuse_body("", "it is missing");
        }
        let content_type = self.matched.request().header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if is_expected(&media_type.to_ascii_lowercase()) {
            return Some(body);
        }
        self.expected_media_type = Some(expected);
        self.faults.push(Fault {
            place: "header",
            name: "content-type".to_owned(),
            reason: if media_type.is_empty() {
                format!("expected `{expected}`, and it is missing")
            } else {
                format!("expected `{expected}`, found `{}`", printable(media_type, 40))
            },
        });
        None
    }

    fn refuse_body<T>(&mut self, path: &str, reason: &str) -> Option<T> {
        self.faults.push(Fault {
            place: "body",
            name: printable(path, LONGEST_REASON),
            reason: printable(reason, LONGEST_REASON),
        });
        None
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Tells whether a media type is JSON (RFC 8259), or has its syntax (RFC 6839).
fn is_json(media_type: &str) -> bool {
    media_type == "application/json"
        || media_type.starts_with("application/") && media_type.ends_with("+json")
}
