//! The line that a request to an API leaves in the log.

use std::fmt;
use std::time::Duration;

use anstyle::AnsiColor::{Green, Red, Yellow};
use hyper::StatusCode;
use hyper::http::request::Parts;

use crate::term::escape;

/// A request and its outcome: `GET /orders 200 OrdersFunction 3.1 ms`.
pub(super) struct AccessLine<'a> {
    pub(super) head: &'a Parts,
    pub(super) function: Option<&'a str>,
    pub(super) status: StatusCode,
    pub(super) duration: Duration,
}

impl fmt::Display for AccessLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let color = match self.status.as_u16() {
            500.. => Red,
            400.. => Yellow,
            _ => Green,
        };
        let style = color.on_default();
        let Parts { method, uri, .. } = self.head;
        let target = escape::line(uri.path_and_query().map_or("/", |target| target.as_str()));
        write!(formatter, "{method} {target} {style}{}{style:#}", self.status.as_u16())?;
        if let Some(function) = self.function {
            write!(formatter, " {}", escape::line(function))?;
        }
        write!(formatter, " {:.1} ms", self.duration.as_secs_f64() * 1000.0)
    }
}
