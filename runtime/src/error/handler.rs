//! Errors of one invocation.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::iter;

use serde::Serialize;
use serde::ser::SerializeStruct;

/// The most bytes of a type.
const MAX_TYPE: usize = 256;
/// The most bytes of a message.
const MAX_MESSAGE: usize = 16 * 1024;
/// The most bytes of a cause.
const MAX_CAUSE: usize = 4 * 1024;
/// The most causes.
const MAX_CAUSES: usize = 64;

/// An error of one invocation. Lambda receives it in place of a response and passes it to the caller;
/// the function goes on to the next event.
///
/// `?` converts every [`std::error::Error`], with the name of its type, its message and its causes:
///
/// ```
/// use lambda_native::Error;
///
/// fn parse(number: &str) -> Result<u32, Error> {
///     Ok(number.parse::<u32>()?)
/// }
///
/// let error = parse("twelve").unwrap_err();
/// assert_eq!(error.error_type(), "ParseIntError");
/// assert_eq!(error.message(), "invalid digit found in string");
/// ```
///
/// # Its type
///
/// The `errorType` is the name of the type without its path: logs, alarms and the `ErrorEquals` of Step Functions match
/// it, and the path changes whenever a type moves to another module. As in Python and .NET, `shop::stock::OutOfStock`
/// is `OutOfStock`. Only a type whose name is `Error` has its crate before it, or its module of the standard library
/// (`io::Error`), because its name alone says nothing:
///
/// ```
/// use lambda_native::Error;
///
/// let error = Error::from(serde_json::from_str::<u32>("{").unwrap_err());
/// assert_eq!(error.error_type(), "serde_json::Error");
/// ```
///
/// An error whose type is unknown, such as an `anyhow::Error` or a `Box<dyn std::error::Error>`, is `Error`.
///
/// # Conversion
///
/// Because `?` converts every error, `Error` itself does not implement `std::error::Error`. The conversion keeps
/// the message and the causes; a type that implements [`HandlerError`] brings its own type and status.
///
/// # Within other errors
///
/// An `Error` converts to `Box<dyn std::error::Error>`, with or without `Send + Sync`, and to
/// `anyhow::Error` and `eyre::Report` with the features `anyhow` and `eyre`. A function that returns
/// any of these can fail with an `Error` and its status:
///
/// ```
/// # #[cfg(all(feature = "anyhow", feature = "http"))] {
/// use anyhow::Context;
/// use lambda_native::Error;
///
/// fn find(item: &str) -> anyhow::Result<u32> {
///     match item {
///         "tea" => Ok(12),
///         _ => Err(Error::new("UnknownItem", "no such item").with_status(404))?,
///     }
/// }
///
/// fn total(item: &str) -> anyhow::Result<u32> {
///     let price = find(item).with_context(|| format!("cannot price {item}"))?;
///     Ok(price * 2)
/// }
///
/// // `#[lambda_handler]` does this with the error of a function.
/// let error = Error::from_dyn(&*total("ink").unwrap_err());
/// assert_eq!(error.error_type(), "UnknownItem");
/// assert_eq!(error.status(), Some(404));
/// assert_eq!(error.message(), "no such item");
/// assert_eq!(error.causes(), ["context: cannot price ink"]);
/// # }
/// ```
///
/// An error that is converted back, by `?` or by [`from_dyn`](Self::from_dyn), is searched along its
/// [`source`](std::error::Error::source)s. The first `Error` among them decides the type, the message
/// and the status. The messages of the errors around it can hold what is not meant for a caller, and
/// become causes, after its own and from the inside out.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    // One pointer wide, so that the `Result` of a handler that succeeds stays small.
    details: Box<ErrorDetails>,
}

#[derive(Clone, PartialEq, Eq)]
struct ErrorDetails {
    error_type: Cow<'static, str>,
    message: String,
    causes: Vec<String>,
    #[cfg(feature = "http")]
    status: Option<u16>,
}

impl Error {
    /// Makes an error of your own type: `error_type` is the `errorType` that Lambda reports, such as
    /// `"OutOfStock"`, and `message` its `errorMessage`.
    ///
    /// An empty type becomes `Error`. A type is cut after 256 bytes, a message after 16 KiB and a cause
    /// after 4 KiB, and only the first 64 causes are kept.
    pub fn new(error_type: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let error_type = match error_type.into() {
            error_type if error_type.is_empty() => "Error".into(),
            error_type if error_type.len() > MAX_TYPE => {
                cut(error_type.into_owned(), MAX_TYPE).into()
            }
            error_type => error_type,
        };
        Self {
            details: Box::new(ErrorDetails {
                error_type,
                message: cut(message.into(), MAX_MESSAGE),
                causes: Vec::new(),
                #[cfg(feature = "http")]
                status: None,
            }),
        }
    }

    /// Converts an error whose type is not known: an `anyhow::Error`, an `eyre::Report`, a boxed
    /// error. Rust's rules for overlapping implementations allow `?` no such conversion.
    ///
    /// If it does not [hold an `Error`](Self#within-other-errors), its type is `Error`. An
    /// `anyhow::Error` or `eyre::Report` that was put into a box hides the error at its top, so
    /// convert it before.
    ///
    /// ```
    /// use lambda_native::Error;
    ///
    /// fn parse(number: &str) -> Result<u32, Box<dyn std::error::Error>> {
    ///     Ok(number.parse()?)
    /// }
    ///
    /// fn twice(number: &str) -> Result<u32, Error> {
    ///     let number = parse(number).map_err(|error| Error::from_dyn(&*error))?;
    ///     Ok(number * 2)
    /// }
    ///
    /// let error = twice("twelve").unwrap_err();
    /// assert_eq!(error.error_type(), "Error");
    /// assert_eq!(error.message(), "invalid digit found in string");
    /// ```
    #[must_use]
    pub fn from_dyn(error: &(dyn StdError + 'static)) -> Self {
        match error.downcast_ref::<WrappedError>() {
            Some(wrapped) => wrapped.error.clone(),
            None => Self::from_chain("Error".into(), error),
        }
    }

    /// Converts an error that describes itself, with its type, its status, its message and its causes.
    ///
    /// A handler that returns such an error needs no conversion. Between functions, `?` would lose the
    /// type and the status: `.map_err(|error| Error::from_handler(&error))` keeps them.
    #[must_use]
    pub fn from_handler<E: HandlerError>(error: &E) -> Self {
        let mut converted = Self::new(error.error_type(), error.to_string());
        for cause in sources(error) {
            converted.add_cause(cause.to_string());
        }
        #[cfg(feature = "http")]
        {
            converted.details.status = error.status();
        }
        converted
    }

    /// Converts as `?` does.
    pub(crate) fn from_ref<E: StdError>(error: &E) -> Self {
        Self::from_chain(reported_type_name::<E>(), error)
    }

    /// Converts an error that is not itself a [`WrappedError`].
    fn from_chain(error_type: Cow<'static, str>, error: &(dyn StdError + '_)) -> Self {
        let mut messages = vec![error.to_string()];
        for source in sources(error) {
            if let Some(wrapped) = source.downcast_ref::<WrappedError>() {
                let mut converted = wrapped.error.clone();
                for message in messages.iter().rev() {
                    converted.add_cause(format!("context: {message}"));
                }
                return converted;
            }
            messages.push(source.to_string());
        }
        let mut converted = Self::new(error_type, messages.remove(0));
        for cause in messages {
            converted.add_cause(cause);
        }
        converted
    }

    /// Writes the error as JSON of at most `limit` bytes. If it is longer, the last causes are left out, and
    /// then the message is cut.
    pub(crate) fn to_json_within(&self, limit: usize) -> serde_json::Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self)?;
        if json.len() <= limit {
            return Ok(json);
        }
        let mut shorter = self.clone();
        loop {
            let ErrorDetails { causes, message, .. } = &mut *shorter.details;
            if causes.pop().is_none() {
                if message.is_empty() {
                    return Ok(json);
                }
                message.truncate(prefix(message, message.len() / 2).len());
            }
            json = serde_json::to_vec(&shorter)?;
            if json.len() <= limit {
                return Ok(json);
            }
        }
    }

    /// Adds a cause, with its own causes, below those that the error already has.
    #[must_use]
    pub fn caused_by(mut self, cause: &(dyn StdError + '_)) -> Self {
        self.add_cause(cause.to_string());
        sources(cause).for_each(|cause| self.add_cause(cause.to_string()));
        self
    }

    pub(crate) fn add_cause(&mut self, cause: String) {
        if self.details.causes.len() < MAX_CAUSES {
            self.details.causes.push(cut(cause, MAX_CAUSE));
        }
    }

    /// Makes an HTTP function respond with this status and send the caller the
    /// [`message`](Self::message). Without a status it responds with a bare `500`.
    ///
    /// ```
    /// use lambda_native::Error;
    ///
    /// fn stock(item: &str) -> Result<u32, Error> {
    ///     match item {
    ///         "tea" => Ok(12),
    ///         _ => Err(Error::new("UnknownItem", "no such item").with_status(404)),
    ///     }
    /// }
    ///
    /// assert_eq!(stock("ink").unwrap_err().status(), Some(404));
    /// ```
    #[cfg(feature = "http")]
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.details.status = Some(status);
        self
    }

    /// Returns the status that an HTTP function responds with, if one was set.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.details.status
    }

    /// Returns [the name of the error's type](Self#its-type).
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.details.error_type
    }

    /// Returns the message, as the error's `Display` has it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.details.message
    }

    /// Returns the messages of the causes, the nearest first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.details.causes
    }
}

/// An error type of your own that tells Lambda more than a [`std::error::Error`] does: its type, and the
/// status of an HTTP response.
///
/// ```
/// use std::fmt;
///
/// use lambda_native::{HandlerError, lambda_handler};
///
/// #[derive(Debug)]
/// enum StockError {
///     UnknownItem(String),
///     SoldOut,
/// }
///
/// impl fmt::Display for StockError {
///     fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
///         match self {
///             Self::UnknownItem(item) => write!(formatter, "no item `{item}`"),
///             Self::SoldOut => formatter.write_str("sold out"),
///         }
///     }
/// }
///
/// impl std::error::Error for StockError {}
///
/// impl HandlerError for StockError {
///     fn error_type(&self) -> &'static str {
///         match self {
///             Self::UnknownItem(_) => "UnknownItem",
///             Self::SoldOut => "SoldOut",
///         }
///     }
///
/// #   #[cfg(feature = "http")]
///     fn status(&self) -> Option<u16> {
///         match self {
///             Self::UnknownItem(_) => Some(404),
///             Self::SoldOut => Some(409),
///         }
///     }
/// }
///
/// #[lambda_handler]
/// async fn stock(item: String) -> Result<u32, StockError> {
///     match item.as_str() {
///         "tea" => Ok(12),
///         "ink" => Err(StockError::SoldOut),
///         _ => Err(StockError::UnknownItem(item)),
///     }
/// }
/// ```
///
/// An HTTP function responds with [`status`](Self::status) and the message. An error that is also
/// [`IntoResponse`](crate::http::IntoResponse) makes the whole response itself.
pub trait HandlerError: StdError {
    /// Returns the `errorType` that Lambda reports, by default the name of the type.
    fn error_type(&self) -> &'static str {
        short_type_name::<Self>()
    }

    /// Returns the status that an HTTP function responds with, by default none: a bare `500`.
    #[cfg(feature = "http")]
    fn status(&self) -> Option<u16> {
        None
    }
}

impl<E: StdError> From<E> for Error {
    fn from(error: E) -> Self {
        Self::from_ref(&error)
    }
}

/// An [`Error`] within an error that takes only `std::error::Error`s.
struct WrappedError {
    error: Error,
    source: Option<Box<WrappedCause>>,
}

#[derive(Debug)]
struct WrappedCause {
    message: String,
    source: Option<Box<WrappedCause>>,
}

impl From<Error> for WrappedError {
    fn from(error: Error) -> Self {
        let source = error.causes().iter().rev().fold(None, |source, message| {
            Some(Box::new(WrappedCause { message: message.clone(), source }))
        });
        Self { error, source }
    }
}

impl fmt::Display for WrappedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.error.message())
    }
}

impl fmt::Debug for WrappedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, formatter)
    }
}

impl StdError for WrappedError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|cause| cause as _)
    }
}

impl fmt::Display for WrappedCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StdError for WrappedCause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|cause| cause as _)
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(WrappedError::from(error))
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(WrappedError::from(error))
    }
}

#[cfg(feature = "anyhow")]
impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        Self::new(WrappedError::from(error))
    }
}

#[cfg(feature = "eyre")]
impl From<Error> for eyre::Report {
    fn from(error: Error) -> Self {
        Self::new(WrappedError::from(error))
    }
}

/// Displays `TypeName: message`, then `: cause` for each cause.
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error_type(), self.message())?;
        self.causes().iter().try_for_each(|cause| write!(formatter, ": {cause}"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("error_type", &self.error_type())
            .field("message", &self.message())
            .field("causes", &self.causes())
            .finish()
    }
}

/// Serializes as the body of the Runtime API's error calls: `errorType`, `errorMessage`, and the
/// causes as the `stackTrace`.
impl Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_struct("Error", 3)?;
        body.serialize_field("errorType", self.error_type())?;
        body.serialize_field("errorMessage", self.message())?;
        body.serialize_field("stackTrace", self.causes())?;
        body.end()
    }
}

/// Returns the causes of an error, the nearest first.
pub(super) fn sources<'e>(
    error: &'e (dyn StdError + '_),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    iter::successors(error.source(), |error| {
        let error: &'e (dyn StdError + 'static) = *error;
        error.source()
    })
}

/// Cuts `text` after `limit` bytes and appends `…`.
fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        text.truncate(prefix(&text, limit).len());
        text.push('…');
    }
    text
}

/// Returns the characters of `text` that fit into `limit` bytes.
pub(crate) fn prefix(text: &str, limit: usize) -> &str {
    let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end));
    text.split_at(end.unwrap_or_default()).0
}

/// Returns the name of a type as Lambda gets it: that of `serde_json::error::Error` is `serde_json::Error`.
fn reported_type_name<T>() -> Cow<'static, str> {
    let name = short_type_name::<T>();
    let mut path = std::any::type_name::<T>().trim_start_matches('&').split("::");
    let owner = match path.next() {
        // Types move between these crates.
        Some("std" | "core" | "alloc") => path.next(),
        owner => owner,
    };
    match owner {
        Some(owner) if name == "Error" => format!("{owner}::{name}").into(),
        _ => name.into(),
    }
}

/// Returns the `Name` in `path::to::Name<parameters>`.
fn short_type_name<T: ?Sized>() -> &'static str {
    let name = std::any::type_name::<T>();
    let path = name.split_once('<').map_or(name, |(path, _)| path);
    path.rsplit_once("::").map_or(path, |(_, name)| name)
}
