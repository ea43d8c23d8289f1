//! The event that a function gets for a request.
//!
//! Fields are in AWS's own order; what the formats leave out is absent, and what they have as `null`
//! is `null`.

pub(super) mod authorizer;
mod v1;
mod v2;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use time::OffsetDateTime;

use super::Route;
use crate::application::{Kind, Payload, region};

/// The event for a request that came from `client` at `now`.
pub(crate) fn event(
    route: &Route,
    request: &Parts,
    body: &[u8],
    client: IpAddr,
    now: SystemTime,
) -> Vec<u8> {
    let asked = Asked { route, request, body, client, now: now.into() };
    match route.payload {
        Payload::V1 => json(&v1::Event::new(&asked)),
        Payload::V2 => json(&v2::Event::new(&asked)),
    }
}

/// A request, with what is known of it besides.
struct Asked<'a> {
    route: &'a Route,
    request: &'a Parts,
    body: &'a [u8],
    client: IpAddr,
    now: OffsetDateTime,
}

/// A body as text, or in base64.
struct Body<'a> {
    text: Option<Cow<'a, str>>,
    is_base64: bool,
}

impl<'a> Asked<'a> {
    fn header(&self, name: HeaderName) -> Option<Cow<'a, str>> {
        self.request.headers.get(name).map(text)
    }

    /// The host that the client asked, without a port: an API's domain.
    fn host(&self) -> Cow<'a, str> {
        let host = self.request.uri.authority().map(|authority| authority.as_str().into());
        host.or_else(|| self.header(header::HOST)).unwrap_or_default()
    }

    /// The API's own; of a function URL one of the form that AWS's have, as functions know a URL by it.
    fn domain(&self) -> String {
        let host = self.host();
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &*host,
        };
        let is_url = matches!(self.route.api.kind, Kind::FunctionUrl { .. });
        if is_url && !host.contains(".lambda-url.") {
            let id = self.route.api.name.to_ascii_lowercase();
            return format!("{id}.lambda-url.{}.on.aws", region());
        }
        host.to_owned()
    }

    /// The first part of the domain, which on AWS is the API's id.
    fn domain_prefix(&self) -> String {
        let domain = self.domain();
        domain.split('.').next().unwrap_or_default().to_owned()
    }

    fn protocol(&self) -> String {
        format!("{:?}", self.request.version)
    }

    fn query(&self) -> &'a str {
        self.request.uri.query().unwrap_or_default()
    }

    /// The query's pairs, decoded, by their names.
    fn query_values(&self) -> BTreeMap<String, Vec<String>> {
        let mut values = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in form_urlencoded::parse(self.query().as_bytes()) {
            values.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        values
    }

    /// The headers as the API hands them over, with lower-case names.
    fn headers(&self) -> BTreeMap<String, Vec<String>> {
        let kind = self.route.api.kind;
        let mut headers = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in &self.request.headers {
            if !is_dropped(name) {
                headers.entry(name.as_str().to_owned()).or_default().push(text(value).into_owned());
            }
        }
        let mut set = |name: &str, value: String| headers.insert(name.to_owned(), vec![value]);
        if let Some(address) = self.request.uri.authority() {
            set("host", address.to_string());
        }
        let scheme = self.request.uri.scheme_str().unwrap_or("http");
        let port = match self.host().rsplit_once(':') {
            Some((_, port)) => port.to_owned(),
            None => if scheme == "https" { "443" } else { "80" }.to_owned(),
        };
        let before = self.header(HeaderName::from_static("x-forwarded-for"));
        let before = before.map_or(String::new(), |before| format!("{before}, "));
        set("x-forwarded-for", format!("{before}{}", self.client));
        set("x-forwarded-port", port);
        set("x-forwarded-proto", scheme.to_owned());
        set("x-amzn-trace-id", self.route.ids.trace.clone());
        match kind {
            Kind::Http => drop(set("content-length", self.body.len().to_string())),
            Kind::Rest => drop(headers.remove("content-length")),
            Kind::FunctionUrl { .. } => {}
        }
        headers
    }

    /// The variables in the path: HTTP APIs decode them, REST APIs do not.
    fn path_parameters(&self) -> BTreeMap<String, String> {
        let value = |value: &str| match self.route.api.kind {
            Kind::Rest => value.to_owned(),
            Kind::Http | Kind::FunctionUrl { .. } => decoded(value),
        };
        self.route.path_parameters.iter().map(|(name, it)| (name.clone(), value(it))).collect()
    }

    fn stage_variables(&self) -> BTreeMap<String, String> {
        self.route.api.stage_variables.clone()
    }

    /// The path with the stage that it begins with on AWS.
    fn path_in_stage(&self, path: &str) -> String {
        match self.route.api.stage.as_str() {
            "$default" => path.to_owned(),
            stage => format!("/{stage}{path}"),
        }
    }

    fn body(&self) -> Body<'a> {
        let is_base64 = !self.body.is_empty() && self.is_binary();
        let text = if is_base64 {
            Cow::Owned(BASE64_STANDARD.encode(self.body))
        } else {
            String::from_utf8_lossy(self.body)
        };
        Body { text: Some(text).filter(|text| !text.is_empty()), is_base64 }
    }

    /// Whether the body is handed over in base64: by the API's list, where it is a REST API, and else
    /// unless its type is one of the few that are known to be text.
    fn is_binary(&self) -> bool {
        let kind = self.header(header::CONTENT_TYPE).unwrap_or_default();
        let kind = media_type(&kind);
        if self.route.api.kind == Kind::Rest {
            return is_listed(&self.route.api.binary_media_types, &kind);
        }
        let is_text = kind.starts_with("text/")
            || ["application/json", "application/xml", "application/javascript"]
                .contains(&kind.as_str());
        !is_text || self.request.headers.contains_key(header::CONTENT_ENCODING)
    }

    /// `12/Mar/2020:19:03:58 +0000`.
    fn time(&self) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let now = self.now;
        let month = MONTHS.get(usize::from(u8::from(now.month()) - 1)).unwrap_or(&"Jan");
        format!(
            "{:02}/{month}/{}:{:02}:{:02}:{:02} +0000",
            now.day(),
            now.year(),
            now.hour(),
            now.minute(),
            now.second()
        )
    }

    /// Milliseconds since 1970.
    fn epoch(&self) -> i64 {
        self.now.unix_timestamp() * 1000 + i64::from(self.now.millisecond())
    }
}

/// Whether a media type is in a list that may have `image/*` and `*/*` in it.
pub(super) fn is_listed(list: &[String], kind: &str) -> bool {
    list.iter().any(|listed| match listed.strip_suffix("/*") {
        Some("*") => true,
        Some(group) => kind.split('/').next().is_some_and(|it| it.eq_ignore_ascii_case(group)),
        None => listed.eq_ignore_ascii_case(kind),
    })
}

/// `Text/HTML; charset=utf-8` is `text/html`.
pub(super) fn media_type(header: &str) -> String {
    header.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Headers of one connection, which no function sees.
fn is_dropped(name: &HeaderName) -> bool {
    [
        header::CONNECTION,
        header::EXPECT,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ]
    .contains(name)
}

/// A header's bytes as text: they may be anything.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Writing what has only texts, numbers and maps by text does not fail.
fn json(event: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(event).unwrap_or_default()
}
