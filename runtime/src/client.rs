//! The Lambda Runtime API, version 2018-06-01.
//!
//! The calls, their headers and statuses are those of AWS's "Using the Lambda runtime API for
//! custom runtimes".

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::error::{Error, Failure};
use crate::http1::{Answer, Connection};
use crate::invoke::log;

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
}

/// One event and what the Runtime API says about it, borrowed from the client's buffer.
#[derive(Debug)]
pub(crate) struct Invocation<'c> {
    pub(crate) request_id: &'c str,
    pub(crate) deadline_ms: Option<u64>,
    pub(crate) invoked_function_arn: Option<&'c str>,
    pub(crate) trace_id: Option<&'c str>,
    pub(crate) invocation_id: Option<&'c str>,
    pub(crate) payload: &'c [u8],
}

/// Which invocation a reply belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplyTo<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) invocation_id: Option<&'a str>,
}

impl Client {
    /// Connects to the Runtime API at `authority`, a host and port.
    pub(crate) fn connect(authority: &str) -> Result<Self, Error> {
        let unreachable = |error| Error::unreachable(authority, error);
        let addresses: Vec<_> = authority.to_socket_addrs().map_err(unreachable)?.collect();
        let connection = Connection::open(&addresses).map_err(unreachable)?;
        let next = format!(
            "GET {PREFIX}/invocation/next HTTP/1.1\r\n\
             Host: {authority}\r\n\
             User-Agent: {USER_AGENT}\r\n\r\n"
        );
        Ok(Self {
            link: Link { authority: authority.to_owned(), addresses, connection },
            next: next.into_bytes(),
            head: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Waits for an event, as long as it takes. The invocation before it ends with this call.
    ///
    /// # Errors
    /// Every status but 200, an invocation without a request id, a connection that cannot be had.
    pub(crate) async fn next(&mut self) -> Result<Invocation<'_>, Error> {
        let answer = self.link.exchange(&self.next, &[]).await?;
        match answer.status {
            200 => Invocation::read(&answer),
            status => Err(Error::refused("next", status, answer.body)),
        }
    }

    /// Sends the reply to an invocation.
    ///
    /// # Errors
    /// Only what ends the process; a reply that the Runtime API does not take is logged.
    pub(crate) async fn respond(&mut self, to: ReplyTo<'_>, reply: &[u8]) -> Result<(), Error> {
        self.write_head(to, "response", reply.len());
        self.head.extend_from_slice(b"Content-Type: application/json\r\n\r\n");
        let answer = self.link.exchange(&self.head, reply).await?;
        accepted("response", to.request_id, &answer)
    }

    /// Reports that an invocation failed.
    ///
    /// # Errors
    /// As [`Client::respond`].
    pub(crate) async fn fail(&mut self, to: ReplyTo<'_>, failure: &Failure) -> Result<(), Error> {
        self.body.clear();
        serde_json::to_writer(&mut self.body, failure).map_err(Error::unreportable)?;
        self.write_head(to, "error", self.body.len());
        self.head.extend_from_slice(b"Content-Type: application/vnd.aws.lambda.error+json\r\n");
        put(&mut self.head, format_args!("{ERROR_TYPE}: {}\r\n\r\n", ErrorType(failure)));
        let answer = self.link.exchange(&self.head, &self.body).await?;
        accepted("error", to.request_id, &answer)
    }

    /// Begins the head of a call for one invocation.
    fn write_head(&mut self, to: ReplyTo<'_>, call: &str, length: usize) {
        let head = &mut self.head;
        head.clear();
        put(
            head,
            format_args!(
                "POST {PREFIX}/invocation/{}/{call} HTTP/1.1\r\n\
                 Host: {}\r\n\
                 User-Agent: {USER_AGENT}\r\n\
                 Content-Length: {length}\r\n",
                to.request_id, self.link.authority
            ),
        );
        if let Some(id) = to.invocation_id {
            put(head, format_args!("Lambda-Runtime-Invocation-Id: {id}\r\n"));
        }
    }
}

impl<'c> Invocation<'c> {
    fn read(answer: &Answer<'c>) -> Result<Self, Error> {
        let mut request_id = None;
        let mut invocation = Invocation {
            request_id: "",
            deadline_ms: None,
            invoked_function_arn: None,
            trace_id: None,
            invocation_id: None,
            payload: answer.body,
        };
        for (name, value) in answer.headers() {
            let Some(name) = strip_prefix_ignore_case(name, "lambda-runtime-") else { continue };
            let Ok(value) = std::str::from_utf8(value) else { continue };
            if name.eq_ignore_ascii_case("aws-request-id") {
                request_id = Some(value);
            } else if name.eq_ignore_ascii_case("deadline-ms") {
                invocation.deadline_ms = value.parse().ok();
            } else if name.eq_ignore_ascii_case("invoked-function-arn") {
                invocation.invoked_function_arn = Some(value);
            } else if name.eq_ignore_ascii_case("trace-id") {
                invocation.trace_id = Some(value);
            } else if name.eq_ignore_ascii_case("invocation-id") {
                invocation.invocation_id = Some(value);
            }
        }
        invocation.request_id =
            request_id.filter(|id| is_token(id)).ok_or_else(Error::no_request_id)?;
        Ok(invocation)
    }
}

/// The connection to the Runtime API, opened again when it drops.
#[derive(Debug)]
struct Link {
    authority: String,
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
        .map_err(|error| Error::broken(&self.authority, error))?;
        Ok(self.connection.answer())
    }

    fn reconnect(&mut self) -> Result<(), Error> {
        self.connection = Connection::open(&self.addresses)
            .map_err(|error| Error::unreachable(&self.authority, error))?;
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

const ERROR_TYPE: &str = "Lambda-Runtime-Function-Error-Type";

/// The class of a failure as Lambda counts it: `Function.Name` or `Runtime.Name`; it shows anything
/// else as `Runtime.Unknown`.
struct ErrorType<'a>(&'a Failure);

impl fmt::Display for ErrorType<'_> {
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

/// Appends text to a request.
fn put(head: &mut Vec<u8>, text: fmt::Arguments<'_>) {
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
