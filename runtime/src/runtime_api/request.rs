//! The address of the Runtime API, and the heads of its calls.

use std::env::{self, VarError};
use std::fmt::{self, Display, Write as _};

use crate::error::RuntimeError;

/// The version of the Runtime API, with the path that all its calls begin with.
pub(crate) const PREFIX: &str = "/2018-06-01/runtime";
const USER_AGENT: &str = concat!("lambda-native/", env!("CARGO_PKG_VERSION"));

/// The ids that name an invocation in a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvocationIds<'a> {
    pub(crate) request_id: &'a str,
    /// Sent back with the response if Lambda gave one.
    pub(crate) invocation_id: Option<&'a str>,
}

/// The address of the Runtime API. Lambda sets only host and port; `cargo lambda watch` sets a URL.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// The host and the port.
    pub(crate) authority: String,
    /// The path that precedes that of all calls.
    base_path: String,
}

impl Endpoint {
    /// Reads the address, which Lambda puts into the environment.
    ///
    /// # Errors
    /// If there is none, or if it has characters that cannot be part of a request.
    pub(crate) fn from_env() -> Result<Self, RuntimeError> {
        match env::var("AWS_LAMBDA_RUNTIME_API") {
            Ok(api) => Self::parse(&api).ok_or_else(|| RuntimeError::invalid_endpoint(&api)),
            Err(VarError::NotPresent) => Err(RuntimeError::not_on_lambda()),
            Err(VarError::NotUnicode(api)) => {
                Err(RuntimeError::invalid_endpoint(&api.to_string_lossy()))
            }
        }
    }

    pub(crate) fn parse(api: &str) -> Option<Self> {
        let api = api.strip_prefix("http://").unwrap_or(api);
        let (authority, base_path) = api.split_at(api.find('/').unwrap_or(api.len()));
        let is_path = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#');
        (!authority.is_empty() && api.bytes().all(is_path)).then(|| Self {
            authority: authority.to_owned(),
            base_path: base_path.trim_end_matches('/').to_owned(),
        })
    }
}

/// The head of a request. Control characters are left out of everything that is written to it, so no
/// value can begin another line.
#[derive(Debug, Default)]
pub(crate) struct RequestHead(Vec<u8>);

impl RequestHead {
    /// Begins another head, with the request line and the headers that all requests have.
    pub(crate) fn begin(&mut self, method: &str, endpoint: &Endpoint, path: &dyn Display) {
        self.0.clear();
        let Endpoint { authority, base_path } = endpoint;
        self.line(format_args!("{method} {base_path}{path} HTTP/1.1"));
        self.header("Host", authority);
        self.header("User-Agent", USER_AGENT);
    }

    /// Begins the head of a call that sends the result of an invocation, or reports that the function
    /// cannot start.
    pub(crate) fn begin_post(
        &mut self,
        endpoint: &Endpoint,
        call: &dyn Display,
        invocation_id: Option<&str>,
    ) {
        self.begin("POST", endpoint, &format_args!("{PREFIX}/{call}"));
        if let Some(id) = invocation_id {
            self.header("Lambda-Runtime-Invocation-Id", id);
        }
    }

    /// Adds a header.
    pub(crate) fn header(&mut self, name: &str, value: impl Display) {
        self.line(format_args!("{name}: {value}"));
    }

    /// Ends the head with its empty line, and returns it.
    pub(crate) fn end(&mut self) -> &[u8] {
        self.line(format_args!(""));
        &self.0
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to memory does not fail.
        let _ = self.write_fmt(line);
        self.0.extend_from_slice(b"\r\n");
    }
}

impl fmt::Write for RequestHead {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(text.bytes().filter(|byte| is_allowed(*byte)));
        Ok(())
    }
}

/// Tells whether `value` can be the value of a header.
pub(crate) fn is_header_value(value: &str) -> bool {
    value.bytes().all(is_allowed)
}

/// Tells whether a byte can be part of a line of a head (RFC 9110, section 5.5).
const fn is_allowed(byte: u8) -> bool {
    !byte.is_ascii_control() || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_the_address() {
        for (api, authority, base_path) in [
            ("127.0.0.1:9001", "127.0.0.1:9001", ""),
            ("http://127.0.0.1:9001/", "127.0.0.1:9001", ""),
            ("http://[::1]:9000/.rt/crate/", "[::1]:9000", "/.rt/crate"),
        ] {
            let endpoint = Endpoint::parse(api).unwrap();
            assert_eq!((&*endpoint.authority, &*endpoint.base_path), (authority, base_path));
        }
    }

    #[test]
    fn refuses_an_address_that_could_change_a_request() {
        for api in
            ["", "/", "http://", "a:1\r\nX: y", "a:1/x y", "a:1/x?y", "a:1/x#y", "a:1/\u{e9}"]
        {
            assert!(Endpoint::parse(api).is_none(), "{api:?}");
        }
    }

    #[test]
    fn no_value_begins_another_line() {
        let endpoint = Endpoint { authority: "a\r\n:1".into(), base_path: "/b\r\nc".into() };
        let mut head = RequestHead::default();
        head.begin_post(&endpoint, &"d\r\n\r\ne", Some("f\ng"));
        head.header("Content-Type", "h\r\n\0\ti\u{e9}");
        let text = std::str::from_utf8(head.end()).unwrap();
        assert_eq!(
            text,
            format!(
                "POST /bc/2018-06-01/runtime/de HTTP/1.1\r\n\
                 Host: a:1\r\n\
                 User-Agent: {USER_AGENT}\r\n\
                 Lambda-Runtime-Invocation-Id: fg\r\n\
                 Content-Type: h\ti\u{e9}\r\n\r\n"
            )
        );
    }
}
