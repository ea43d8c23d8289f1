//! Reports of errors: the call, its headers and its body.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde::Serialize;

use super::request::{Endpoint, RequestHead};
use crate::error::{Error, prefix};

/// The longest time that the Runtime API can take for a report of a process that is about to die.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(1);

/// Writes a call that reports an error.
pub(crate) fn write_error_report(
    head: &mut RequestHead,
    body: &mut Vec<u8>,
    call: &dyn Display,
    endpoint: &Endpoint,
    invocation_id: Option<&str>,
    error: &Error,
) -> Result<(), serde_json::Error> {
    body.clear();
    serde_json::to_writer(&mut *body, error)?;
    head.begin_post(endpoint, call, invocation_id);
    head.header("Content-Length", body.len());
    head.header("Content-Type", "application/vnd.aws.lambda.error+json");
    head.header("Lambda-Runtime-Function-Error-Type", ErrorType(error));
    if let Some(cause) = xray_cause(error) {
        head.header("Lambda-Runtime-Function-XRay-Error-Cause", cause);
    }
    Ok(())
}

/// Reports with `call` that an invocation failed, or that the function cannot start.
/// Blocks, and uses a new connection: the process is about to die.
pub(crate) fn report_blocking(
    endpoint: &Endpoint,
    call: &dyn Display,
    invocation_id: Option<&str>,
    error: &Error,
) -> io::Result<()> {
    let (mut head, mut body) = (RequestHead::default(), Vec::new());
    write_error_report(&mut head, &mut body, call, endpoint, invocation_id, error)?;
    let mut socket = TcpStream::connect(&endpoint.authority)?;
    socket.set_write_timeout(Some(TIMEOUT))?;
    socket.set_read_timeout(Some(TIMEOUT))?;
    socket.write_all(&[head.end(), &body].concat())?;
    // The first byte of the response shows that the report was received.
    socket.read_exact(&mut [0])
}

/// The type of an error in the form that Lambda counts: `Function.Name` or `Runtime.Name`. Lambda
/// shows everything else as `Runtime.Unknown`.
pub(crate) struct ErrorType<'a>(pub(crate) &'a Error);

impl Display for ErrorType<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error_type = self.0.error_type();
        let (origin, name) = match error_type.split_once('.') {
            Some((origin @ ("Function" | "Runtime"), name)) => (origin, name),
            _ => ("Function", error_type),
        };
        // Only letters, digits, `.` and `_` go into the header.
        let is_allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let mut name = name.chars().filter(is_allowed).peekable();
        write!(formatter, "{origin}.")?;
        if name.peek().is_none() {
            return formatter.write_str("Error");
        }
        name.try_for_each(|c| formatter.write_char(c))
    }
}

/// Describes an error to X-Ray, as JSON on one line of visible ASCII. If that is too long for a header,
/// the last causes are left out, and a long message is cut.
fn xray_cause(error: &Error) -> Option<String> {
    /// The most bytes of the line.
    const LIMIT: usize = 32 * 1024;
    /// The most bytes of a message if that of the error alone is too long: each character takes at most
    /// six in its escaped form.
    const MESSAGE: usize = 4 * 1024;

    #[derive(Serialize)]
    struct XrayCause<'a> {
        working_directory: &'static str,
        exceptions: &'a [XrayException<'a>],
        paths: [&'static str; 0],
    }

    #[derive(Serialize)]
    struct XrayException<'a> {
        r#type: &'a str,
        message: &'a str,
        stack: [&'static str; 0],
    }

    let exception = |r#type, message| XrayException { r#type, message, stack: [] };
    let causes = error.causes().iter().map(|cause| exception("cause", cause));
    let mut exceptions: Vec<_> =
        std::iter::once(exception(error.error_type(), error.message())).chain(causes).collect();
    loop {
        let cause = XrayCause { working_directory: "", exceptions: &exceptions, paths: [] };
        let line = ascii(&serde_json::to_string(&cause).ok()?);
        if line.len() <= LIMIT {
            return Some(line);
        }
        match exceptions.as_mut_slice() {
            [only] if only.message.len() > MESSAGE => only.message = prefix(only.message, MESSAGE),
            [_, .., _] => {
                exceptions.pop();
            }
            _ => return None,
        }
    }
}

/// Escapes everything in JSON but visible ASCII.
fn ascii(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        // Of the ASCII control characters, JSON leaves only DEL unescaped.
        if c.is_ascii() && c != '\x7f' {
            line.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(line, "\\u{unit:04x}");
            }
        }
    }
    line
}
