//! The parts of a request, as both payload formats need them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::aws::region;
use crate::local::gateway::media_type;
use crate::local::gateway::route::RouteMatch;
use crate::sam::ApiKind;

/// A request that has been matched to a route.
pub(super) struct ClientRequest<'a> {
    pub(super) route: &'a RouteMatch,
    pub(super) head: &'a Parts,
    pub(super) body: &'a [u8],
    pub(super) client: IpAddr,
    pub(super) now: OffsetDateTime,
}

/// A body as text or in base64.
pub(super) struct EventBody<'a> {
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) is_base64: bool,
}

impl<'a> ClientRequest<'a> {
    pub(super) fn header(&self, name: HeaderName) -> Option<Cow<'a, str>> {
        self.head.headers.get(name).map(text)
    }

    /// The host and port that the client used.
    fn authority(&self) -> Cow<'a, str> {
        let authority = self.head.uri.authority().map(|authority| authority.as_str().into());
        authority.or_else(|| self.header(header::HOST)).unwrap_or_default()
    }

    /// The API's domain name. Functions recognise a function URL by its domain, so it has the form of
    /// AWS's.
    pub(super) fn domain_name(&self) -> String {
        let authority = self.authority();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &*authority,
        };
        let is_url = matches!(self.route.api.kind, ApiKind::FunctionUrl { .. });
        if is_url && !host.contains(".lambda-url.") {
            let id = self.route.api.name.to_ascii_lowercase();
            return format!("{id}.lambda-url.{}.on.aws", region());
        }
        host.to_owned()
    }

    /// The first label of the domain name, which on AWS is the API's id.
    pub(super) fn domain_prefix(&self) -> String {
        self.domain_name().split('.').next().unwrap_or_default().to_owned()
    }

    pub(super) fn protocol(&self) -> String {
        format!("{:?}", self.head.version)
    }

    pub(super) fn query(&self) -> &'a str {
        self.head.uri.query().unwrap_or_default()
    }

    /// The decoded values of the query by name. REST APIs split it at each `;` too ("Amazon API Gateway
    /// important notes" in AWS's documentation).
    pub(super) fn query_values(&self) -> BTreeMap<String, Vec<String>> {
        let is_rest = self.route.api.kind == ApiKind::Rest;
        let parts = self.query().split(|separator| separator == ';' && is_rest);
        let pairs = parts.flat_map(|part| form_urlencoded::parse(part.as_bytes()));
        let mut values = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in pairs {
            values.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        values
    }

    /// The headers that the gateway passes on and adds, with lower-case names.
    pub(super) fn headers(&self) -> BTreeMap<String, Vec<String>> {
        let mut headers = BTreeMap::<_, Vec<_>>::new();
        let is_rest = self.route.api.kind == ApiKind::Rest;
        for (name, value) in &self.head.headers {
            if is_hop_by_hop(name) || is_rest && is_dropped_by_rest(name, value) {
                continue;
            }
            headers.entry(name.as_str().to_owned()).or_default().push(text(value).into_owned());
        }
        let mut set = |name: &str, value: String| headers.insert(name.to_owned(), vec![value]);
        if let Some(authority) = self.head.uri.authority() {
            set("host", authority.to_string());
        }
        let scheme = self.head.uri.scheme_str().unwrap_or("http");
        let port = match self.authority().rsplit_once(':') {
            Some((_, port)) => port.to_owned(),
            None => if scheme == "https" { "443" } else { "80" }.to_owned(),
        };
        let proxies = self.header(HeaderName::from_static("x-forwarded-for"));
        let proxies = proxies.map_or(String::new(), |proxies| format!("{proxies}, "));
        set("x-forwarded-for", format!("{proxies}{}", self.client));
        set("x-forwarded-port", port);
        set("x-forwarded-proto", scheme.to_owned());
        set("x-amzn-trace-id", self.route.ids.trace.clone());
        if self.route.api.kind == ApiKind::Http {
            set("content-length", self.body.len().to_string());
        }
        headers
    }

    /// The values of the path's variables, which HTTP APIs decode and REST APIs do not.
    pub(super) fn path_parameters(&self) -> BTreeMap<String, String> {
        let value = |value: &str| match self.route.api.kind {
            ApiKind::Rest => value.to_owned(),
            ApiKind::Http | ApiKind::FunctionUrl { .. } => percent_decoded(value),
        };
        self.route.path_parameters.iter().map(|(name, it)| (name.clone(), value(it))).collect()
    }

    pub(super) fn stage_variables(&self) -> BTreeMap<String, String> {
        self.route.api.stage_variables.clone()
    }

    /// Puts the stage before a path, as it is on AWS.
    pub(super) fn path_with_stage(&self, path: &str) -> String {
        match self.route.api.stage.as_str() {
            "$default" => path.to_owned(),
            stage => format!("/{stage}{path}"),
        }
    }

    pub(super) fn event_body(&self) -> EventBody<'a> {
        let is_base64 = !self.body.is_empty() && self.is_binary();
        let text = if is_base64 {
            Cow::Owned(BASE64_STANDARD.encode(self.body))
        } else {
            String::from_utf8_lossy(self.body)
        };
        EventBody { text: Some(text).filter(|text| !text.is_empty()), is_base64 }
    }

    /// Checks whether the gateway encodes the body in base64: a REST API if its list has the media
    /// type, the others unless the media type is one of those that they know as text.
    fn is_binary(&self) -> bool {
        let content_type = self.header(header::CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type::first(&content_type);
        if self.route.api.kind == ApiKind::Rest {
            return media_type::is_listed(&self.route.api.binary_media_types, &media_type);
        }
        let is_text = media_type.starts_with("text/")
            || ["application/json", "application/xml", "application/javascript"]
                .contains(&media_type.as_str());
        !is_text || self.head.headers.contains_key(header::CONTENT_ENCODING)
    }

    /// `12/Mar/2020:19:03:58 +0000`.
    pub(super) fn time(&self) -> String {
        const FORMAT: &[BorrowedFormatItem<'_>] =
            format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
        self.now.format(FORMAT).unwrap_or_default()
    }

    /// The time in milliseconds since 1970.
    pub(super) fn time_epoch(&self) -> i64 {
        self.now.unix_timestamp() * 1000 + i64::from(self.now.millisecond())
    }
}

/// Checks for a header that belongs to one connection, and does not reach the function.
fn is_hop_by_hop(name: &HeaderName) -> bool {
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

/// Checks for a header that a REST API does not pass on to a function ("Amazon API Gateway important
/// notes" in AWS's documentation).
fn is_dropped_by_rest(name: &HeaderName, value: &HeaderValue) -> bool {
    let is_signature = || value.as_bytes().starts_with(b"AWS4-HMAC-SHA256");
    [
        header::CONTENT_LENGTH,
        HeaderName::from_static("content-md5"),
        header::MAX_FORWARDS,
        header::PROXY_AUTHENTICATE,
        header::SERVER,
        header::WWW_AUTHENTICATE,
    ]
    .contains(name)
        || (name == header::AUTHORIZATION && is_signature())
}

/// Converts a header value, which can hold any bytes, into text.
pub(super) fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

pub(super) fn percent_decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Serializes an event, which cannot fail: it has only texts, numbers, and maps with text keys.
pub(super) fn to_json(event: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(event).unwrap_or_default()
}
