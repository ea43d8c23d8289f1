//! The two kinds of failure, never mixed: a [`Failure`] answers one invocation, an [`Error`] ends
//! the process.

use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::Serialize;
use serde::ser::SerializeStruct;

use crate::http1;

/// The most bytes of a message.
const MAX_MESSAGE: usize = 16 * 1024;
/// The most bytes of a cause.
const MAX_CAUSE: usize = 4 * 1024;
/// The most causes.
const MAX_CAUSES: usize = 64;

/// Why one invocation failed: what Lambda is told, and shows to the caller, while the function goes
/// on to the next event.
///
/// Every [`std::error::Error`] turns into one with `?`, keeping its type's name, its message and
/// its causes. `Failure` is not itself a `std::error::Error`, as that conversion would then be
/// ambiguous.
///
/// ```
/// use lambda_native::Failure;
///
/// fn parse(number: &str) -> Result<u32, Failure> {
///     Ok(number.parse::<u32>()?)
/// }
///
/// let failure = parse("twelve").unwrap_err();
/// assert_eq!(failure.error_type(), "ParseIntError");
/// assert_eq!(failure.message(), "invalid digit found in string");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    // One pointer wide, so that the `Result` of a handler that succeeds stays small.
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    error_type: Cow<'static, str>,
    message: String,
    causes: Vec<String>,
    #[cfg(feature = "http")]
    status: Option<u16>,
}

impl Failure {
    /// A failure of a class of your own: `error_type` is the `errorType` that Lambda reports, such
    /// as `"OutOfStock"`, and `message` its `errorMessage`.
    ///
    /// A message is cut after 16 KiB, a cause after 4 KiB, and of the causes the first 64 are kept:
    /// more than that nobody reads.
    pub fn new(error_type: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                error_type: error_type.into(),
                message: cut(message.into(), MAX_MESSAGE),
                causes: Vec::new(),
                #[cfg(feature = "http")]
                status: None,
            }),
        }
    }

    /// Adds what led to the failure, below any cause that it has.
    #[must_use]
    pub fn caused_by(mut self, cause: &(dyn std::error::Error + '_)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.add_cause(error.to_string());
            next = error.source();
        }
        self
    }

    pub(crate) fn add_cause(&mut self, cause: String) {
        if self.inner.causes.len() < MAX_CAUSES {
            self.inner.causes.push(cut(cause, MAX_CAUSE));
        }
    }

    /// Has an HTTP function answer with this status and tell the caller the
    /// [`message`](Self::message). Without it the answer is a `500` that tells the caller nothing.
    ///
    /// ```
    /// use lambda_native::Failure;
    ///
    /// fn stock(item: &str) -> Result<u32, Failure> {
    ///     match item {
    ///         "tea" => Ok(12),
    ///         _ => Err(Failure::new("UnknownItem", "no such item").with_status(404)),
    ///     }
    /// }
    ///
    /// assert_eq!(stock("ink").unwrap_err().status(), Some(404));
    /// ```
    #[cfg(feature = "http")]
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.inner.status = Some(status);
        self
    }

    /// The status that an HTTP function answers with, if the failure has one of its own.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// The class of the failure: the name of the error's type, without its path.
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.inner.error_type
    }

    /// What happened, as the error's `Display` says it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The causes, the nearest first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.inner.causes
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let failure = Self::new(short_type_name::<E>(), error.to_string());
        match error.source() {
            Some(source) => failure.caused_by(source),
            None => failure,
        }
    }
}

/// `TypeName: message`, then `: cause` for each cause.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error_type(), self.message())?;
        self.causes().iter().try_for_each(|cause| write!(formatter, ": {cause}"))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Failure")
            .field("error_type", &self.error_type())
            .field("message", &self.message())
            .field("causes", &self.causes())
            .finish()
    }
}

/// The body of the Runtime API's error calls: `errorType`, `errorMessage` and `stackTrace`, which
/// carries the causes.
impl Serialize for Failure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_struct("Failure", 3)?;
        body.serialize_field("errorType", self.error_type())?;
        body.serialize_field("errorMessage", self.message())?;
        body.serialize_field("stackTrace", self.causes())?;
        body.end()
    }
}

/// `text`, at most `limit` bytes of it, and then `…`.
fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        text.truncate(
            (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default(),
        );
        text.push('…');
    }
    text
}

/// `Name` of `path::to::Name<parameters>`.
fn short_type_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let path = name.split_once('<').map_or(name, |(path, _)| path);
    path.rsplit_once("::").map_or(path, |(_, name)| name)
}

/// Why the runtime ends: the Runtime API is not there, refuses, or is not understood.
///
/// `Display` says what happened, [`source`](std::error::Error::source) why.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    NotOnLambda,
    Runtime(io::Error),
    Unreachable {
        authority: String,
        error: io::Error,
    },
    Broken {
        authority: String,
        error: http1::Error,
    },
    Refused {
        call: &'static str,
        status: u16,
        body: String,
    },
    NoRequestId,
    Unreportable(serde_json::Error),
    /// Why is logged already.
    Init,
}

impl Error {
    fn new(kind: Kind) -> Self {
        Self { kind }
    }

    pub(crate) fn not_on_lambda() -> Self {
        Self::new(Kind::NotOnLambda)
    }

    pub(crate) fn runtime(error: io::Error) -> Self {
        Self::new(Kind::Runtime(error))
    }

    pub(crate) fn unreachable(authority: &str, error: io::Error) -> Self {
        Self::new(Kind::Unreachable { authority: authority.to_owned(), error })
    }

    pub(crate) fn broken(authority: &str, error: http1::Error) -> Self {
        Self::new(Kind::Broken { authority: authority.to_owned(), error })
    }

    pub(crate) fn refused(call: &'static str, status: u16, body: &[u8]) -> Self {
        /// The most of the answer that is shown, in characters.
        const SHOWN: usize = 500;
        let body = String::from_utf8_lossy(body).trim().chars().take(SHOWN).collect();
        Self::new(Kind::Refused { call, status, body })
    }

    pub(crate) fn no_request_id() -> Self {
        Self::new(Kind::NoRequestId)
    }

    pub(crate) fn init() -> Self {
        Self::new(Kind::Init)
    }

    pub(crate) fn unreportable(error: serde_json::Error) -> Self {
        Self::new(Kind::Unreportable(error))
    }

    /// Says on standard error what happened, why, and what to do about it.
    pub(crate) fn report(&self) {
        eprintln!("error: {}", WithCauses(self));
        if let Some(hint) = self.hint() {
            eprintln!("hint: {hint}");
        }
    }

    /// What to do about it, where that is known.
    fn hint(&self) -> Option<&'static str> {
        match self.kind {
            Kind::NotOnLambda => Some(
                "try it here with `scaffold invoke`, or deploy it to AWS Lambda as `bootstrap` on \
                 the `provided.al2023` runtime",
            ),
            _ => None,
        }
    }
}

/// An error, then `: cause` for each cause.
pub(crate) struct WithCauses<'a>(pub(crate) &'a Error);

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = std::error::Error::source(self.0);
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::NotOnLambda => formatter.write_str(
                "this program is an AWS Lambda function: it takes its events from the Lambda \
                 Runtime API, and `AWS_LAMBDA_RUNTIME_API` does not say where that is",
            ),
            Kind::Runtime(_) => formatter.write_str("the async runtime cannot start"),
            Kind::Unreachable { authority, .. } => {
                write!(formatter, "cannot connect to the Lambda Runtime API at `{authority}`")
            }
            Kind::Broken { authority, .. } => {
                write!(formatter, "lost the Lambda Runtime API at `{authority}`")
            }
            Kind::Refused { call, status, body } => {
                write!(formatter, "the Lambda Runtime API answered `{call}` with {status}")?;
                if body.is_empty() { Ok(()) } else { write!(formatter, ": {body}") }
            }
            Kind::NoRequestId => formatter.write_str(
                "the Lambda Runtime API sent an event without a valid \
                 `Lambda-Runtime-Aws-Request-Id`",
            ),
            Kind::Init => formatter.write_str("the function cannot start"),
            Kind::Unreportable(_) => formatter.write_str("a failure cannot be written as JSON"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Runtime(error) | Kind::Unreachable { error, .. } => Some(error),
            Kind::Broken { error, .. } => Some(error),
            Kind::Unreportable(error) => Some(error),
            Kind::NotOnLambda | Kind::Refused { .. } | Kind::NoRequestId | Kind::Init => None,
        }
    }
}
