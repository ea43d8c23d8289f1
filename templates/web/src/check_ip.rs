//! A web service that tells its callers their address: this function's, as the internet sees it.

use std::env;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::Uri;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lambda_native::Failure;
use tokio::time::timeout;

/// The service of AWS.
const URL: &str = "https://checkip.amazonaws.com";
/// The time that it has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The service, with a client whose connections stay open from one event to the next.
#[derive(Clone)]
pub(crate) struct CheckIp {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    url: Uri,
}

impl CheckIp {
    /// The service at `CHECK_IP_URL`, or AWS's where that is not set.
    pub(crate) fn from_env() -> Result<Self, Failure> {
        let url = env::var("CHECK_IP_URL").unwrap_or_else(|_| URL.to_owned());
        Ok(Self::at(url.parse()?))
    }

    fn at(url: Uri) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, url }
    }

    /// Asks for the address.
    pub(crate) async fn address(&self) -> Result<String, Failure> {
        timeout(PATIENCE, self.ask()).await?
    }

    async fn ask(&self) -> Result<String, Failure> {
        let response = self.client.get(self.url.clone()).await?;
        let status = response.status();
        if !status.is_success() {
            let message = format!("{} answered {status}", self.url);
            return Err(Failure::new("CheckIp", message));
        }
        let body = response.into_body().collect().await?.to_bytes();
        Ok(String::from_utf8(body.into())?.trim().to_owned())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;

    use lambda_native::testing::block_on;

    use super::*;

    /// A service on this machine that gives every caller the same answer.
    pub(crate) fn stub(status: &'static str, body: &'static str) -> CheckIp {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let head = BufReader::new(&stream).lines().map_while(Result::ok);
                head.take_while(|line| !line.is_empty()).for_each(drop);
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
                stream
                    .write_all((head + body).as_bytes())
                    .expect("the caller is there");
            }
        });
        CheckIp::at(format!("http://{address}").parse().expect("it is a URL"))
    }

    #[test]
    fn tells_the_address() {
        let address = block_on(stub("200 OK", "198.51.100.7\n").address());
        assert_eq!(address.expect("an address"), "198.51.100.7");
    }

    #[test]
    fn says_what_the_service_answered() {
        let answer = block_on(stub("404 Not Found", "").address());
        let failure = answer.expect_err("a failure");
        assert!(failure.message().ends_with("/ answered 404 Not Found"));
    }
}
