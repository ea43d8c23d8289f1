//! The Lambda Runtime API, version 2018-06-01.
//!
//! The calls, their headers and statuses are those of AWS's "Using the Lambda runtime API for
//! custom runtimes".

use std::fmt::{self, Display, Write as _};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use serde::Serialize;
use tokio::net::TcpStream;

use crate::error::{Error, Failure, WithCauses};
use crate::http1::{self, Answer, Connection};
use crate::log::log;
use crate::stream::Progress;

const PREFIX: &str = "/2018-06-01/runtime";
const USER_AGENT: &str = concat!("lambda-native/", env!("CARGO_PKG_VERSION"));

/// A client of the Runtime API.
#[derive(Debug)]
pub(crate) struct Client {
    link: Link,
    next: Vec<u8>,
    /// The request in the making, used again for the next.
    head: Vec<u8>,
    body: Vec<u8>,
    outlet: OutletState,
}

/// One event and what the Runtime API says about it, borrowed from the client's buffer.
#[derive(Debug, Default)]
pub(crate) struct Invocation<'c> {
    pub(crate) request_id: &'c str,
    pub(crate) deadline_ms: Option<u64>,
    pub(crate) invoked_function_arn: Option<&'c str>,
    pub(crate) trace_id: Option<&'c str>,
    pub(crate) invocation_id: Option<&'c str>,
    pub(crate) client_context: Option<&'c str>,
    pub(crate) cognito_identity: Option<&'c str>,
    pub(crate) tenant_id: Option<&'c str>,
    pub(crate) payload: &'c [u8],
}

/// Which invocation a reply belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplyTo<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) invocation_id: Option<&'a str>,
}

impl Client {
    /// Connects to the Runtime API at `api`, as `AWS_LAMBDA_RUNTIME_API` has it.
    pub(crate) fn connect(api: &str) -> Result<Self, Error> {
        let unreachable = |error| Error::unreachable(api, error);
        let (authority, base) = place(api);
        let addresses: Vec<_> = authority.to_socket_addrs().map_err(unreachable)?.collect();
        let connection = Connection::open(&addresses).map_err(unreachable)?;
        let next = format!(
            "GET {base}{PREFIX}/invocation/next HTTP/1.1\r\n\
             Host: {authority}\r\n\
             User-Agent: {USER_AGENT}\r\n\r\n"
        );
        Ok(Self {
            link: Link { api: api.to_owned(), addresses, connection },
            next: next.into_bytes(),
            head: Vec::new(),
            body: Vec::new(),
            outlet: OutletState::default(),
        })
    }

    /// Waits for an event, as long as it takes. The invocation before it ends with this call.
    ///
    /// With the event comes the way for a reply that is sent while the event is still in use.
    ///
    /// # Errors
    /// Every status but 200, an invocation without a request id, a connection that cannot be had.
    pub(crate) async fn next(&mut self) -> Result<(Invocation<'_>, Outlet<'_>), Error> {
        self.link.exchange(&self.next, &[]).await?;
        self.outlet.progress = Progress::Nothing;
        self.outlet.closed = !self.link.connection.is_reusable();
        let (answer, stream) = self.link.connection.answer_and_stream();
        if answer.status != 200 {
            return Err(Error::refused("next", answer.status, answer.body));
        }
        let invocation = Invocation::read(&answer)?;
        let to =
            ReplyTo { request_id: invocation.request_id, invocation_id: invocation.invocation_id };
        let outlet = Outlet {
            to,
            api: &self.link.api,
            addresses: &self.link.addresses,
            stream,
            state: &mut self.outlet,
        };
        Ok((invocation, outlet))
    }

    /// Sends the reply to an invocation.
    ///
    /// # Errors
    /// Only what ends the process; a reply that the Runtime API does not take is logged.
    pub(crate) async fn respond(&mut self, to: ReplyTo<'_>, reply: &[u8]) -> Result<(), Error> {
        let call = format_args!("invocation/{}/response", to.request_id);
        write_head(&mut self.head, &call, &self.link.api, to.invocation_id);
        put(
            &mut self.head,
            format_args!(
                "Content-Length: {}\r\nContent-Type: application/json\r\n\r\n",
                reply.len()
            ),
        );
        let answer = self.link.exchange(&self.head, reply).await?;
        accepted("response", to.request_id, &answer)
    }

    /// Reads what the Runtime API says to a reply that was streamed to its end.
    ///
    /// # Errors
    /// As [`Client::respond`].
    pub(crate) async fn streamed(&mut self, to: ReplyTo<'_>) -> Result<(), Error> {
        match self.link.connection.receive().await {
            Ok(()) => accepted("response", to.request_id, &self.link.connection.answer()),
            Err(error) => {
                let error = Error::broken(&self.link.api, error);
                log(to.request_id, &WithCauses(&error));
                Ok(())
            }
        }
    }

    /// Gives up a streamed reply that nobody reads any more.
    pub(crate) fn abandon(&mut self) {
        self.link.connection.abandon();
    }

    /// Reports that an invocation failed.
    ///
    /// # Errors
    /// As [`Client::respond`].
    pub(crate) async fn fail(&mut self, to: ReplyTo<'_>, failure: &Failure) -> Result<(), Error> {
        let call = format_args!("invocation/{}/error", to.request_id);
        self.report(&call, to.invocation_id, failure).await?;
        accepted("error", to.request_id, &self.link.connection.answer())
    }

    /// Reports that the function cannot start.
    ///
    /// # Errors
    /// Everything but an answer that the report was taken.
    pub(crate) async fn fail_init(&mut self, failure: &Failure) -> Result<(), Error> {
        self.report(&"init/error", None, failure).await?;
        let answer = self.link.connection.answer();
        match answer.status {
            200..=299 => Ok(()),
            status => Err(Error::refused("init/error", status, answer.body)),
        }
    }

    /// Makes a call that reports a failure.
    async fn report(
        &mut self,
        call: &dyn Display,
        invocation_id: Option<&str>,
        failure: &Failure,
    ) -> Result<(), Error> {
        let Self { link, head, body, .. } = self;
        write_failure(head, body, call, &link.api, invocation_id, failure)
            .map_err(Error::unreportable)?;
        link.exchange(head, body).await?;
        Ok(())
    }
}

/// Reports that an invocation failed, or without a request id that the function cannot start, on a
/// connection of its own and waiting for it: the process is about to die.
pub(crate) fn fail_at_once(api: &str, to: ReplyTo<'_>, failure: &Failure) -> io::Result<()> {
    /// How long the Runtime API may take.
    const PATIENCE: Duration = Duration::from_secs(1);
    let (mut head, mut body) = (Vec::new(), Vec::new());
    let call = match to.request_id {
        "" => "init/error".to_owned(),
        id => format!("invocation/{id}/error"),
    };
    write_failure(&mut head, &mut body, &call, api, to.invocation_id, failure)?;
    head.append(&mut body);
    let mut stream = std::net::TcpStream::connect(place(api).0)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&head)?;
    // With the first byte of the answer the report is taken.
    stream.read_exact(&mut [0])
}

/// Writes a call that reports a failure.
pub(crate) fn write_failure(
    head: &mut Vec<u8>,
    body: &mut Vec<u8>,
    call: &dyn Display,
    api: &str,
    invocation_id: Option<&str>,
    failure: &Failure,
) -> Result<(), serde_json::Error> {
    body.clear();
    serde_json::to_writer(&mut *body, failure)?;
    write_head(head, call, api, invocation_id);
    put(
        head,
        format_args!(
            "Content-Length: {}\r\n\
             Content-Type: application/vnd.aws.lambda.error+json\r\n\
             Lambda-Runtime-Function-Error-Type: {}\r\n",
            body.len(),
            ErrorType(failure)
        ),
    );
    if let Some(cause) = xray_cause(failure) {
        put(head, format_args!("Lambda-Runtime-Function-XRay-Error-Cause: {cause}\r\n"));
    }
    head.extend_from_slice(b"\r\n");
    Ok(())
}

/// The way for a reply that is sent while it is being written, on the connection that the event
/// came from.
#[derive(Debug)]
pub(crate) struct Outlet<'c> {
    to: ReplyTo<'c>,
    api: &'c str,
    addresses: &'c [SocketAddr],
    pub(crate) stream: &'c mut TcpStream,
    pub(crate) state: &'c mut OutletState,
}

/// What outlasts the use of an [`Outlet`].
#[derive(Debug, Default)]
pub(crate) struct OutletState {
    pub(crate) progress: Progress,
    /// The connection was closed after the event.
    closed: bool,
    /// The bytes of a head or a frame in the making.
    pub(crate) frame: Vec<u8>,
}

impl Outlet<'_> {
    /// The same for a shorter time.
    pub(crate) fn reborrow(&mut self) -> Outlet<'_> {
        Outlet {
            to: self.to,
            api: self.api,
            addresses: self.addresses,
            stream: self.stream,
            state: self.state,
        }
    }

    pub(crate) fn connect_again_if_closed(&mut self) -> io::Result<()> {
        if self.state.closed {
            *self.stream = http1::connect(self.addresses)?;
            self.state.closed = false;
        }
        Ok(())
    }

    /// Writes the head of a reply that is streamed.
    pub(crate) fn write_stream_head(&mut self, content_type: &str) {
        let head = &mut self.state.frame;
        let call = format_args!("invocation/{}/response", self.to.request_id);
        write_head(head, &call, self.api, self.to.invocation_id);
        put(
            head,
            format_args!(
                "Content-Type: {content_type}\r\n\
                 Transfer-Encoding: chunked\r\n\
                 Lambda-Runtime-Function-Response-Mode: streaming\r\n\
                 Trailer: Lambda-Runtime-Function-Error-Type, \
                 Lambda-Runtime-Function-Error-Body\r\n\r\n"
            ),
        );
    }
}

/// The host and port of the Runtime API, and the path that its calls go below: Lambda gives host and
/// port alone, `cargo lambda watch` a URL.
pub(crate) fn place(api: &str) -> (&str, &str) {
    let api = api.strip_prefix("http://").unwrap_or(api);
    let (authority, base) = api.split_at(api.find('/').unwrap_or(api.len()));
    (authority, base.trim_end_matches('/'))
}

/// Begins the head of a call.
fn write_head(head: &mut Vec<u8>, call: &dyn Display, api: &str, invocation_id: Option<&str>) {
    let (authority, base) = place(api);
    head.clear();
    put(
        head,
        format_args!(
            "POST {base}{PREFIX}/{call} HTTP/1.1\r\n\
             Host: {authority}\r\n\
             User-Agent: {USER_AGENT}\r\n"
        ),
    );
    if let Some(id) = invocation_id {
        put(head, format_args!("Lambda-Runtime-Invocation-Id: {id}\r\n"));
    }
}

impl<'c> Invocation<'c> {
    pub(crate) fn read(answer: &Answer<'c>) -> Result<Self, Error> {
        let mut invocation = Invocation { payload: answer.body, ..Self::default() };
        for (name, value) in answer.headers() {
            let Some(name) = strip_prefix_ignore_case(name, "lambda-runtime-") else { continue };
            let Ok(value) = std::str::from_utf8(value) else { continue };
            let slots = [
                ("invoked-function-arn", &mut invocation.invoked_function_arn),
                ("trace-id", &mut invocation.trace_id),
                ("invocation-id", &mut invocation.invocation_id),
                ("client-context", &mut invocation.client_context),
                ("cognito-identity", &mut invocation.cognito_identity),
                ("aws-tenant-id", &mut invocation.tenant_id),
            ];
            if name.eq_ignore_ascii_case("aws-request-id") {
                invocation.request_id = value;
            } else if name.eq_ignore_ascii_case("deadline-ms") {
                invocation.deadline_ms = value.parse().ok();
            } else {
                for (known, slot) in slots {
                    if name.eq_ignore_ascii_case(known) {
                        *slot = Some(value);
                    }
                }
            }
        }
        if is_token(invocation.request_id) { Ok(invocation) } else { Err(Error::no_request_id()) }
    }
}

/// The connection to the Runtime API, opened again when it drops.
#[derive(Debug)]
struct Link {
    api: String,
    addresses: Vec<SocketAddr>,
    connection: Connection,
}

impl Link {
    /// Sends a request and reads the answer.
    ///
    /// A request is sent again, on a new connection and once, only if the old one ended before the
    /// first byte of an answer. That loses nothing: an event not handed out stays with the Runtime
    /// API, and a second copy of a reply is refused there.
    async fn exchange(&mut self, head: &[u8], body: &[u8]) -> Result<Answer<'_>, Error> {
        let reused = self.connection.is_reusable();
        if !reused {
            self.reconnect()?;
        }
        match self.connection.exchange(head, body).await {
            Err(error) if reused && error.is_before_the_answer() => {
                self.reconnect()?;
                self.connection.exchange(head, body).await
            }
            result => result,
        }
        .map_err(|error| Error::broken(&self.api, error))?;
        Ok(self.connection.answer())
    }

    fn reconnect(&mut self) -> Result<(), Error> {
        self.connection = Connection::open(&self.addresses)
            .map_err(|error| Error::unreachable(&self.api, error))?;
        Ok(())
    }
}

/// What the Runtime API says to a reply: taken, refused but the loop can go on (logged), or the end.
fn accepted(call: &'static str, request_id: &str, answer: &Answer<'_>) -> Result<(), Error> {
    match answer.status {
        200..=299 => Ok(()),
        // 413: Lambda has answered the caller itself, with `Function.ResponseSizeTooLarge`.
        // 410: the invocation has timed out.
        status @ 400..=499 => {
            log(request_id, &Error::refused(call, status, answer.body));
            Ok(())
        }
        status => Err(Error::refused(call, status, answer.body)),
    }
}

/// The class of a failure as Lambda counts it: `Function.Name` or `Runtime.Name`; it shows anything
/// else as `Runtime.Unknown`.
pub(crate) struct ErrorType<'a>(pub(crate) &'a Failure);

impl Display for ErrorType<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.error_type();
        if !name.starts_with("Function.") && !name.starts_with("Runtime.") {
            formatter.write_str("Function.")?;
        }
        // Into a header line go letters, digits, `.` and `_` only.
        name.chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
            .try_for_each(|c| formatter.write_char(c))
    }
}

/// A failure as X-Ray shows it, JSON on one line of visible ASCII; `None` if it is longer than a
/// header may be.
fn xray_cause(failure: &Failure) -> Option<String> {
    /// The most bytes of the line.
    const LIMIT: usize = 32 * 1024;

    #[derive(Serialize)]
    struct Cause<'a> {
        working_directory: &'static str,
        exceptions: Vec<Exception<'a>>,
        paths: [&'static str; 0],
    }

    #[derive(Serialize)]
    struct Exception<'a> {
        r#type: &'a str,
        message: &'a str,
        stack: [&'static str; 0],
    }

    let first = Exception { r#type: failure.error_type(), message: failure.message(), stack: [] };
    let causes = failure.causes().iter().map(|cause| Exception {
        r#type: "cause",
        message: cause,
        stack: [],
    });
    let cause = Cause {
        working_directory: "",
        exceptions: std::iter::once(first).chain(causes).collect(),
        paths: [],
    };
    let json = serde_json::to_string(&cause).ok()?;
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        // JSON escapes all control characters but one.
        if c.is_ascii() && c != '\x7f' {
            line.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(line, "\\u{unit:04x}").ok()?;
            }
        }
    }
    (line.len() <= LIMIT).then_some(line)
}

/// Appends text to a request.
pub(crate) fn put(head: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = head.write_fmt(text);
}

/// Whether `text` may stand in a request line: visible ASCII.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What follows `prefix` in `text`.
fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
