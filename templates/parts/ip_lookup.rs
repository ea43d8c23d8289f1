//! Looks up the public IP address from which this function calls other services.

use std::env;
use std::time::Duration;

use lambda_native::Error;
use reqwest::Client;

/// A client of the lookup service. It keeps its connections open between invocations.
pub(crate) struct IpLookup {
    client: Client,
    url: String,
}

impl IpLookup {
    /// Creates the client for AWS's service, or for the one in `CHECK_IP_URL`.
    pub(crate) fn from_env() -> Result<Self, Error> {
        let url = env::var("CHECK_IP_URL");
        Self::new(url.unwrap_or_else(|_| "https://checkip.amazonaws.com".to_owned()))
    }

    fn new(url: String) -> Result<Self, Error> {
        let client = Client::builder().timeout(Duration::from_secs(2)).build()?;
        Ok(Self { client, url })
    }

    /// Requests the address.
    pub(crate) async fn address(&self) -> Result<String, Error> {
        let response = self.client.get(&self.url).send().await?;
        let body = response.error_for_status()?.text().await?;
        Ok(body.trim().to_owned())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use lambda_native::testing::block_on;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Starts a service on this machine that answers one request.
    pub(crate) async fn stub(status: &str, body: &str) -> IpLookup {
        let response = format!("HTTP/1.0 {status}\r\n\r\n{body}");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            let _ = stream.read(&mut [0; 1024]).await?;
            stream.write_all(response.as_bytes()).await
        });
        IpLookup::new(format!("http://{address}")).expect("a valid client")
    }

    #[test]
    fn returns_the_address() {
        let address = block_on(async { stub("200 OK", "198.51.100.7\n").await.address().await });
        assert_eq!(address.expect("an address"), "198.51.100.7");
    }

    #[test]
    fn reports_the_status_of_a_failed_request() {
        let address = block_on(async { stub("404 Not Found", "").await.address().await });
        let error = address.expect_err("an error");
        assert!(error.message().contains("404 Not Found"), "{error}");
    }
}
