//! Decides who may connect: the programs of this machine's user, and not the web pages that a browser
//! shows.
//!
//! A page can send requests to this machine without being asked, and it reads the responses if its own
//! name leads here (DNS rebinding). Such a request has the page's name in `Host`, and every other request
//! of a page has `Origin` or `Sec-Fetch-Site`.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use hyper::http::request::Parts;
use hyper::http::uri::{Authority, Uri};
use hyper::{StatusCode, Version, header};

/// The names by which a server can be reached.
#[derive(Debug)]
pub(crate) struct AccessPolicy {
    /// The address that the server listens on.
    address: IpAddr,
    allowed: Vec<HostName>,
}

/// A host's name or address without a port, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostName(String);

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) reason: String,
}

impl Refusal {
    fn bad_request(reason: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, reason: reason.to_owned() }
    }

    fn forbidden(reason: String) -> Self {
        Self { status: StatusCode::FORBIDDEN, reason }
    }
}

impl AccessPolicy {
    pub(crate) fn new(address: IpAddr, allowed: Vec<HostName>) -> Self {
        Self { address, allowed }
    }

    /// The policy of a server that only this machine reaches.
    pub(crate) fn loopback() -> Self {
        Self::new(Ipv4Addr::LOCALHOST.into(), Vec::new())
    }

    /// Checks that a request that arrived at the address `local` names this machine.
    pub(crate) fn check_host(&self, head: &Parts, local: IpAddr) -> Result<(), Refusal> {
        // RFC 9112, section 3.2: a request of HTTP/1.1 has exactly one `Host`.
        let mut hosts = head.headers.get_all(header::HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(_), Some(_)) => {
                return Err(Refusal::bad_request("the request has more than one `Host` header"));
            }
            (Some(host), None) => Some(host),
            (None, _) if head.version < Version::HTTP_11 => None,
            (None, _) => return Err(Refusal::bad_request("the request has no `Host` header")),
        };
        let host = host.map(|host| {
            let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
            host.ok_or_else(|| Refusal::bad_request("the `Host` header is not valid"))
        });
        // A target such as `http://host/path` takes the place of `Host`.
        for host in host.transpose()?.iter().chain(head.uri.authority()) {
            if !self.is_allowed(host, local) {
                let host = host.host();
                return Err(Refusal::forbidden(format!(
                    "`{host}` is not a name of this machine (see `scaffold dev --allowed-host`)"
                )));
            }
        }
        Ok(())
    }

    /// Checks a request to an API that is not for web pages: it must also not come from another site.
    pub(crate) fn check_internal(&self, head: &Parts, local: IpAddr) -> Result<(), Refusal> {
        self.check_host(head, local).and_then(|()| self.check_origin(head, local))
    }

    fn check_origin(&self, head: &Parts, local: IpAddr) -> Result<(), Refusal> {
        let refused = |site: &str| {
            Err(Refusal::forbidden(format!("web pages of {site} must not call this API")))
        };
        for origin in head.headers.get_all(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or("null");
            let uri = origin.parse::<Uri>().ok();
            let host = uri.as_ref().and_then(Uri::authority);
            if !host.is_some_and(|host| self.is_allowed(host, local)) {
                return refused(&format!("`{origin}`"));
            }
        }
        for site in head.headers.get_all("sec-fetch-site") {
            // `none`: the user has typed the address.
            if !["same-origin", "same-site", "none"].iter().any(|same| site == same) {
                return refused("other sites");
            }
        }
        Ok(())
    }

    fn is_allowed(&self, host: &Authority, local: IpAddr) -> bool {
        if host.as_str().contains('@') {
            return false;
        }
        let host = HostName::new(host.host());
        if self.allowed.contains(&host) {
            return true;
        }
        match host.address() {
            // A page's own address cannot lead elsewhere, unlike its name.
            Some(address) => {
                address.is_loopback() || address == self.address || address == local.to_canonical()
            }
            None => host.0 == "localhost" || host.0.ends_with(".localhost"),
        }
    }
}

impl HostName {
    fn new(host: &str) -> Self {
        Self(host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase())
    }

    fn address(&self) -> Option<IpAddr> {
        let host = self.0.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        host.unwrap_or(&self.0).parse().ok().map(|address: IpAddr| address.to_canonical())
    }
}

impl FromStr for HostName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let host: Authority = text.parse().map_err(|_| "expected the name of a host")?;
        if host.host() == text && !text.is_empty() {
            Ok(Self::new(text))
        } else {
            Err("expected the name of a host, without a port")
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    fn policy() -> AccessPolicy {
        AccessPolicy::new(
            [192, 0, 2, 9].into(),
            vec!["App.test".parse().unwrap(), "[2001:db8::1]".parse().unwrap()],
        )
    }

    fn head(target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn host(host: &str) -> Result<(), StatusCode> {
        let checked = policy().check_host(&head("/", &[("host", host)]), LOCAL);
        checked.map_err(|refusal| refusal.status)
    }

    #[test]
    fn accepts_names_of_this_machine() {
        for name in [
            "localhost",
            "LocalHost.:3000",
            "api.localhost:1",
            "127.0.0.1:3000",
            "127.9.8.7",
            "[::1]:3000",
            "[::ffff:127.0.0.1]",
            "192.0.2.1:3000",
            "192.0.2.9",
            "app.test",
            "APP.test.:80",
            "[2001:DB8::1]:3000",
        ] {
            assert_eq!(host(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn refuses_names_of_others() {
        for name in [
            "example.com",
            "localhost.example.com",
            "notlocalhost",
            "127.0.0.1.example.com",
            "sub.app.test",
            "192.0.2.2",
            "0.0.0.0:3000",
            "128.0.0.1",
            "2130706433",
            "[::2]",
            "example.com@localhost",
            "localhost@example.com",
            "localhost..",
        ] {
            assert_eq!(host(name), Err(StatusCode::FORBIDDEN), "{name}");
        }
        for name in ["", "a b", "localhost/", "http://localhost", "é", "[::1", "localhost, a"] {
            assert_eq!(host(name), Err(StatusCode::BAD_REQUEST), "{name}");
        }
    }

    #[test]
    fn checks_the_name_in_the_target_too() {
        let check = |target, headers: &[_]| {
            policy().check_host(&head(target, headers), LOCAL).map_err(|refusal| refusal.status)
        };
        let localhost = ("host", "localhost");
        assert_eq!(check("http://localhost:3000/", &[localhost]), Ok(()));
        for (target, headers) in
            [("http://example.com/", [localhost]), ("http://localhost/", [("host", "example.com")])]
        {
            assert_eq!(check(target, &headers), Err(StatusCode::FORBIDDEN), "{target}");
        }
        assert_eq!(check("/", &[]), Err(StatusCode::BAD_REQUEST));
        assert_eq!(check("/", &[localhost, localhost]), Err(StatusCode::BAD_REQUEST));
        let mut old = head("/", &[]);
        old.version = Version::HTTP_10;
        assert_eq!(policy().check_host(&old, LOCAL), Ok(()));
    }

    #[test]
    fn refuses_pages_of_other_sites() {
        let check = |headers: &[_]| {
            policy().check_origin(&head("/", headers), LOCAL).map_err(|refusal| refusal.status)
        };
        for headers in [
            &[] as &[_],
            &[("origin", "http://localhost:5173"), ("sec-fetch-site", "same-site")],
            &[("origin", "https://app.test")],
            &[("origin", "http://[::1]:3000"), ("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
        ] {
            assert_eq!(check(headers), Ok(()), "{headers:?}");
        }
        for headers in [
            &[("origin", "https://example.com")] as &[_],
            &[("origin", "null")],
            &[("origin", "")],
            &[("origin", "file://")],
            &[("origin", "chrome-extension://abcdefgh")],
            &[("origin", "http://localhost"), ("origin", "http://example.com")],
            &[("origin", "http://sub.app.test"), ("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "other")],
        ] {
            assert_eq!(check(headers), Err(StatusCode::FORBIDDEN), "{headers:?}");
        }
    }

    #[test]
    fn allowed_hosts_have_no_port() {
        for name in ["a:80", "http://a", "", "a@b", "a b", "a/b"] {
            assert!(name.parse::<HostName>().is_err(), "{name}");
        }
    }
}
