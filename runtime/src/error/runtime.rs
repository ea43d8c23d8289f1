//! Errors that end the process.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use super::handler::{prefix, sources};

/// The most bytes of a value that are shown, and the most characters of a response.
const SHOWN: usize = 500;

type BoxedError = Box<dyn StdError + Send + Sync>;

/// An error that ends the process: the Runtime API is unreachable, refuses a call, or sends an
/// unexpected response.
///
/// `Display` describes what happened, [`source`](StdError::source) why.
#[derive(Debug)]
pub struct RuntimeError {
    kind: RuntimeErrorKind,
    source: Option<BoxedError>,
}

#[derive(Debug)]
enum RuntimeErrorKind {
    NotOnLambda,
    InvalidEndpoint {
        value: String,
    },
    NoAsyncRuntime,
    Unreachable {
        authority: String,
    },
    Disconnected {
        authority: String,
    },
    Refused {
        call: &'static str,
        status: u16,
        body: String,
    },
    NoRequestId,
    #[cfg(feature = "shutdown")]
    NoExtensionId,
    Unreportable,
    /// The reason is logged already.
    Init,
}

impl RuntimeError {
    fn new(kind: RuntimeErrorKind) -> Self {
        Self { kind, source: None }
    }

    fn caused_by(kind: RuntimeErrorKind, source: impl Into<BoxedError>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    pub(crate) fn not_on_lambda() -> Self {
        Self::new(RuntimeErrorKind::NotOnLambda)
    }

    pub(crate) fn invalid_endpoint(value: &str) -> Self {
        Self::new(RuntimeErrorKind::InvalidEndpoint { value: prefix(value, SHOWN).to_owned() })
    }

    pub(crate) fn no_async_runtime(error: io::Error) -> Self {
        Self::caused_by(RuntimeErrorKind::NoAsyncRuntime, error)
    }

    pub(crate) fn unreachable(authority: &str, error: io::Error) -> Self {
        let authority = authority.to_owned();
        Self::caused_by(RuntimeErrorKind::Unreachable { authority }, error)
    }

    pub(crate) fn disconnected(authority: &str, error: impl Into<BoxedError>) -> Self {
        let authority = authority.to_owned();
        Self::caused_by(RuntimeErrorKind::Disconnected { authority }, error)
    }

    pub(crate) fn refused(call: &'static str, status: u16, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body).trim().chars().take(SHOWN).collect();
        Self::new(RuntimeErrorKind::Refused { call, status, body })
    }

    pub(crate) fn no_request_id() -> Self {
        Self::new(RuntimeErrorKind::NoRequestId)
    }

    #[cfg(feature = "shutdown")]
    pub(crate) fn no_extension_id() -> Self {
        Self::new(RuntimeErrorKind::NoExtensionId)
    }

    pub(crate) fn init() -> Self {
        Self::new(RuntimeErrorKind::Init)
    }

    pub(crate) fn unreportable(error: serde_json::Error) -> Self {
        Self::caused_by(RuntimeErrorKind::Unreportable, error)
    }

    /// Returns how to solve the problem, if that is known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        matches!(self.kind, RuntimeErrorKind::NotOnLambda).then_some(
            "try it here with `scaffold invoke`, or deploy it to AWS Lambda as `bootstrap` on the \
             `provided.al2023` runtime",
        )
    }
}

impl fmt::Display for RuntimeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            RuntimeErrorKind::NotOnLambda => formatter.write_str(
                "this program is an AWS Lambda function: it gets its events from the Lambda \
                 Runtime API, whose address is missing (`AWS_LAMBDA_RUNTIME_API` is not set)",
            ),
            RuntimeErrorKind::InvalidEndpoint { value } => write!(
                formatter,
                "`AWS_LAMBDA_RUNTIME_API` is not the address of a Lambda Runtime API: {value:?}, \
                 expected `host:port`"
            ),
            RuntimeErrorKind::NoAsyncRuntime => {
                formatter.write_str("the async runtime cannot start")
            }
            RuntimeErrorKind::Unreachable { authority } => {
                write!(formatter, "cannot connect to the Lambda Runtime API at `{authority}`")
            }
            RuntimeErrorKind::Disconnected { authority } => {
                write!(formatter, "lost the connection to the Lambda Runtime API at `{authority}`")
            }
            RuntimeErrorKind::Refused { call, status, body } => {
                write!(formatter, "the Lambda Runtime API answered `{call}` with {status}")?;
                if body.is_empty() { Ok(()) } else { write!(formatter, ": {body}") }
            }
            RuntimeErrorKind::NoRequestId => formatter.write_str(
                "the Lambda Runtime API sent an event without a valid \
                 `Lambda-Runtime-Aws-Request-Id`",
            ),
            #[cfg(feature = "shutdown")]
            RuntimeErrorKind::NoExtensionId => formatter
                .write_str("the Lambda Extensions API sent no valid `Lambda-Extension-Identifier`"),
            RuntimeErrorKind::Unreportable => {
                formatter.write_str("an error cannot be written as JSON")
            }
            RuntimeErrorKind::Init => formatter.write_str("the function cannot start"),
        }
    }
}

impl StdError for RuntimeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = &**self.source.as_ref()?;
        Some(source)
    }
}

/// Displays an error, then `: cause` for each cause.
pub(crate) struct WithCauses<'a>(pub(crate) &'a RuntimeError);

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        sources(self.0).try_for_each(|cause| write!(formatter, ": {cause}"))
    }
}
