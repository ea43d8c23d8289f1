//! A client of a running `scaffold dev`.

use std::net::SocketAddr;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

use super::outcome::{InvocationOutcome, ReportFigures};
use crate::local::lambda::error_text;
use crate::local::server::http::WAIT;
use crate::term::error::{Error, Result};

/// A connection to the Invoke API.
#[derive(Debug)]
pub(crate) struct DevClient {
    function: String,
    tenant_id: Option<String>,
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl DevClient {
    pub(super) async fn connect(
        address: SocketAddr,
        function: String,
        tenant_id: Option<String>,
    ) -> Result<Self> {
        let stream = TcpStream::connect(address).await.map_err(|error| broken(address, error))?;
        // Failing costs time only.
        let _ = stream.set_nodelay(true);
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| broken(address, error))?;
        // If the connection breaks, the sender returns the error.
        tokio::spawn(connection);
        Ok(Self { function, tenant_id, address, sender })
    }

    pub(super) async fn invoke(&mut self, payload: &Bytes) -> Result<InvocationOutcome> {
        let address = self.address;
        let mut request =
            Request::post(format!("/2015-03-31/functions/{}/invocations", self.function));
        if let Some(tenant_id) = &self.tenant_id {
            request = request.header("x-amz-tenant-id", tenant_id);
        }
        let request = request
            .header(HOST, address.to_string())
            .header("x-amz-log-type", "Tail")
            .header(WAIT, "true")
            .body(Full::new(payload.clone()))
            .map_err(|error| broken(address, error))?;
        let started = Instant::now();
        self.sender.ready().await.map_err(|error| broken(address, error))?;
        let response =
            self.sender.send_request(request).await.map_err(|error| broken(address, error))?;
        let (head, body) = response.into_parts();
        let payload = body.collect().await.map_err(|error| broken(address, error))?.to_bytes();
        let latency = started.elapsed();
        if head.status != StatusCode::OK {
            return Err(refused(head.status, &payload));
        }

        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let log = header("x-amz-log-result").and_then(|log| STANDARD.decode(log).ok());
        let log = String::from_utf8_lossy(&log.unwrap_or_default()).trim_end().to_owned();
        let error = header("x-amz-function-error")
            .map(|kind| Error::new(format!("the function failed: {}", error_text(kind, &payload))));
        Ok(InvocationOutcome {
            request_id: header("x-amzn-requestid").unwrap_or_default().to_owned(),
            is_response: error.is_none(),
            payload,
            error,
            figures: ReportFigures::parse(&log),
            latency,
            log,
        })
    }
}

fn broken(
    address: SocketAddr,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::new(format!("cannot reach `scaffold dev` at {address}")).because(error)
}

fn refused(status: StatusCode, payload: &[u8]) -> Error {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Body {
        #[serde(alias = "message")]
        message: Option<String>,
    }
    let body: Body = serde_json::from_slice(payload).unwrap_or_default();
    let message =
        body.message.unwrap_or_else(|| String::from_utf8_lossy(payload).trim().to_owned());
    Error::new(format!("`scaffold dev` returned {status}: {message}"))
}
