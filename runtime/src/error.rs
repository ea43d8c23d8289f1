//! The two kinds of failure, never mixed: a [`Failure`] answers one invocation, an [`Error`] ends
//! the process.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::ser::SerializeStruct;

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
}

impl Failure {
    /// A failure of a class of your own: `error_type` is the `errorType` that Lambda reports, such
    /// as `"OutOfStock"`, and `message` its `errorMessage`.
    pub fn new(error_type: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                error_type: error_type.into(),
                message: message.into(),
                causes: Vec::new(),
            }),
        }
    }

    /// Adds what led to the failure, below any cause that it has.
    #[must_use]
    pub fn caused_by(mut self, cause: &(dyn std::error::Error + '_)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.inner.causes.push(error.to_string());
            next = error.source();
        }
        self
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

/// `Name` of `path::to::Name<parameters>`.
fn short_type_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let path = name.split_once('<').map_or(name, |(path, _)| path);
    path.rsplit_once("::").map_or(path, |(_, name)| name)
}
