//! The Lambda Runtime API, version 2018-06-01.
//!
//! The calls, their headers and statuses are those of "Using the Lambda runtime API for custom
//! runtimes" in AWS's documentation.

pub(crate) mod error_report;
pub(crate) mod http1;
pub(crate) mod invocation;
pub(crate) mod request;
pub(crate) mod stream;

use std::fmt::Display;
use std::net::{SocketAddr, ToSocketAddrs};

use tokio::net::TcpStream;

use self::error_report::write_error_report;
use self::http1::connection::Connection;
use self::http1::parser::ParsedResponse;
use self::invocation::Invocation;
use self::request::{Endpoint, InvocationIds, PREFIX, RequestHead};
use self::stream::ResponseStream;
use crate::error::{Error, RuntimeError, WithCauses};
use crate::logging::line::log;

/// A client of the Runtime API.
#[derive(Debug)]
pub(crate) struct Client {
    connection: ReconnectingConnection,
    /// The request for the next event, which is always the same.
    next: Vec<u8>,
    /// The head of any other request.
    head: RequestHead,
    /// The body of an error report.
    body: Vec<u8>,
}

impl Client {
    /// Connects to the Runtime API.
    pub(crate) fn connect(endpoint: &Endpoint) -> Result<Self, RuntimeError> {
        let unreachable = |error| RuntimeError::unreachable(&endpoint.authority, error);
        let addresses: Vec<_> =
            endpoint.authority.to_socket_addrs().map_err(unreachable)?.collect();
        let connection = Connection::open(&addresses).map_err(unreachable)?;
        let endpoint = endpoint.clone();
        let mut head = RequestHead::default();
        head.begin("GET", &endpoint, &format_args!("{PREFIX}/invocation/next"));
        let next = head.end().to_vec();
        Ok(Self {
            connection: ReconnectingConnection { endpoint, addresses, connection },
            next,
            head,
            body: Vec::new(),
        })
    }

    /// Makes the stream for the responses to all invocations of this client.
    pub(crate) fn response_stream(&self) -> ResponseStream {
        let ReconnectingConnection { endpoint, addresses, .. } = &self.connection;
        ResponseStream::new(endpoint.clone(), addresses.clone())
    }

    /// Waits for an event, without a time limit. This call also ends the previous invocation.
    ///
    /// The socket comes with the event, for a response that is streamed while the event is still in
    /// use; [`Client::return_socket`] gives it back.
    ///
    /// # Errors
    /// Every status but 200, an invocation without a request id, a connection that cannot be made.
    pub(crate) async fn next(
        &mut self,
    ) -> Result<(Invocation<'_>, Option<TcpStream>), RuntimeError> {
        self.connection.exchange(&self.next, &[]).await?;
        let socket = self.connection.connection.take_socket();
        let response = self.connection.connection.response();
        if response.status != 200 {
            return Err(RuntimeError::refused("next", response.status, response.body));
        }
        Ok((Invocation::parse(&response)?, socket))
    }

    /// Takes back the socket that came with the last event.
    pub(crate) fn return_socket(&mut self, socket: Option<TcpStream>) {
        self.connection.connection.set_socket(socket);
    }

    /// Sends the response to an invocation.
    ///
    /// # Errors
    /// Only what ends the process. A response that the Runtime API refuses is logged.
    pub(crate) async fn respond(
        &mut self,
        ids: InvocationIds<'_>,
        body: &[u8],
    ) -> Result<(), RuntimeError> {
        let Self { connection, head, .. } = self;
        let call = format_args!("invocation/{}/response", ids.request_id);
        head.begin_post(&connection.endpoint, &call, ids.invocation_id);
        head.header("Content-Length", body.len());
        head.header("Content-Type", "application/json");
        check("response", ids.request_id, &connection.exchange(head.end(), body).await?)
    }

    /// Reads the reaction of the Runtime API to a response that was streamed to its end.
    ///
    /// # Errors
    /// As [`Client::respond`].
    pub(crate) async fn streamed(&mut self, ids: InvocationIds<'_>) -> Result<(), RuntimeError> {
        match self.connection.connection.receive().await {
            Ok(()) => check("response", ids.request_id, &self.connection.connection.response()),
            Err(error) => {
                let error = RuntimeError::disconnected(&self.connection.endpoint.authority, error);
                log(ids.request_id, &WithCauses(&error));
                Ok(())
            }
        }
    }

    /// Reports that an invocation failed.
    ///
    /// # Errors
    /// As [`Client::respond`].
    pub(crate) async fn fail(
        &mut self,
        ids: InvocationIds<'_>,
        error: &Error,
    ) -> Result<(), RuntimeError> {
        let call = format_args!("invocation/{}/error", ids.request_id);
        check("error", ids.request_id, &self.report(&call, ids.invocation_id, error).await?)
    }

    /// Reports that the function cannot start. `call` is `init/error` or, with SnapStart, `restore/error`.
    ///
    /// # Errors
    /// Every response but one that confirms the report.
    pub(crate) async fn fail_start(
        &mut self,
        call: &'static str,
        error: &Error,
    ) -> Result<(), RuntimeError> {
        let response = self.report(&call, None, error).await?;
        match response.status {
            200..=299 => Ok(()),
            status => Err(RuntimeError::refused(call, status, response.body)),
        }
    }

    /// Tells Lambda that the function is ready for its snapshot, and waits until the snapshot is restored.
    ///
    /// # Errors
    /// Every status but 200, a connection that cannot be made.
    #[cfg(feature = "snap-start")]
    pub(crate) async fn restore_next(&mut self) -> Result<(), RuntimeError> {
        let Self { connection, head, .. } = self;
        head.begin("GET", &connection.endpoint, &format_args!("{PREFIX}/restore/next"));
        let response = connection.exchange(head.end(), &[]).await?;
        match response.status {
            200 => Ok(()),
            status => Err(RuntimeError::refused("restore/next", status, response.body)),
        }
    }

    async fn report(
        &mut self,
        call: &dyn Display,
        invocation_id: Option<&str>,
        error: &Error,
    ) -> Result<ParsedResponse<'_>, RuntimeError> {
        let Self { connection, head, body, .. } = self;
        write_error_report(head, body, call, &connection.endpoint, invocation_id, error)
            .map_err(RuntimeError::unreportable)?;
        connection.exchange(head.end(), body).await
    }
}

/// The connection to the Runtime API, opened again when it drops.
#[derive(Debug)]
struct ReconnectingConnection {
    endpoint: Endpoint,
    addresses: Vec<SocketAddr>,
    connection: Connection,
}

impl ReconnectingConnection {
    /// Sends a request and reads the response.
    ///
    /// A request is sent a second time, on a new connection, only if the old one ended before the
    /// first byte of a response. That loses nothing: an event that was not handed out stays with
    /// the Runtime API, and a second copy of a response is refused there.
    async fn exchange(
        &mut self,
        head: &[u8],
        body: &[u8],
    ) -> Result<ParsedResponse<'_>, RuntimeError> {
        let is_reused = self.connection.is_open();
        if !is_reused {
            self.reconnect()?;
        }
        match self.connection.exchange(head, body).await {
            Err(error) if is_reused && error.is_before_the_response() => {
                self.reconnect()?;
                self.connection.exchange(head, body).await
            }
            result => result,
        }
        .map_err(|error| RuntimeError::disconnected(&self.endpoint.authority, error))?;
        Ok(self.connection.response())
    }

    fn reconnect(&mut self) -> Result<(), RuntimeError> {
        self.connection
            .reopen(&self.addresses)
            .map_err(|error| RuntimeError::unreachable(&self.endpoint.authority, error))
    }
}

/// Decides by the status whether the loop goes on: a response that was refused is only logged.
fn check(
    call: &'static str,
    request_id: &str,
    response: &ParsedResponse<'_>,
) -> Result<(), RuntimeError> {
    match response.status {
        200..=299 => Ok(()),
        // 413: Lambda has answered the caller itself, with `Function.ResponseSizeTooLarge`.
        // 410: the invocation has timed out.
        status @ 400..=499 => {
            log(request_id, &RuntimeError::refused(call, status, response.body));
            Ok(())
        }
        status => Err(RuntimeError::refused(call, status, response.body)),
    }
}
