//! Turns what a function returned into a `Result<T, Error>`.
//!
//! A function returns a value or a `Result`, and the error is a `std::error::Error`, or holds one,
//! or is text. The implementations of one trait for all of these would overlap, so method resolution
//! chooses among several: a method that is called on `&&&&&OutputKind` is looked up in the trait for
//! `&&&&OutputKind`, then in that for `&&&OutputKind`, and so on, then among the inherent methods of
//! `OutputKind`, then in its trait. A trait whose bounds do not hold is passed over.

use std::error::Error as StdError;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use crate::{Error, HandlerError};

/// A return type, whose kind decides which of the methods below is called.
#[derive(Debug)]
pub struct OutputKind<T>(PhantomData<fn() -> T>);

/// The kind of the type of `output`.
#[must_use]
pub fn output_kind<'k, T>(_: &T) -> &'k &'k &'k &'k &'k OutputKind<T> {
    &&&&&OutputKind(PhantomData)
}

/// The kind of the type of the `output` of a handler of HTTP requests.
#[cfg(feature = "http")]
#[must_use]
pub fn http_output_kind<'k, T>(_: &T) -> &'k &'k &'k &'k &'k &'k &'k OutputKind<T> {
    &&&&&&&OutputKind(PhantomData)
}

/// A `Result` whose error describes itself.
pub trait DescribesError<T, E> {
    /// Converts the error.
    ///
    /// # Errors
    /// The converted error.
    fn result(&self, output: Result<T, E>) -> Result<T, Error>;
}

impl<T, E: HandlerError> DescribesError<T, E> for &&&&OutputKind<Result<T, E>> {
    fn result(&self, output: Result<T, E>) -> Result<T, Error> {
        output.map_err(|error| Error::from_handler(&error))
    }
}

/// A `Result` whose error turns into an [`Error`], as every `std::error::Error` does.
pub trait ConvertsError<T, E> {
    /// Converts the error.
    ///
    /// # Errors
    /// The converted error.
    fn result(&self, output: Result<T, E>) -> Result<T, Error>;
}

impl<T, E: Into<Error>> ConvertsError<T, E> for &&&OutputKind<Result<T, E>> {
    fn result(&self, output: Result<T, E>) -> Result<T, Error> {
        output.map_err(Into::into)
    }
}

/// A `Result` whose error holds another: `anyhow::Error`, `eyre::Report`, `Box<dyn Error>`.
pub trait WrapsError<T, E> {
    /// Converts the error that it holds.
    ///
    /// # Errors
    /// The converted error.
    fn result(&self, output: Result<T, E>) -> Result<T, Error>;
}

impl<T, E: AsRef<dyn StdError>> WrapsError<T, E> for &&OutputKind<Result<T, E>> {
    fn result(&self, output: Result<T, E>) -> Result<T, Error> {
        output.map_err(|error| Error::from_dyn(error.as_ref()))
    }
}

impl<T, E> OutputKind<Result<T, E>> {
    /// Converts an error of the remaining kinds.
    ///
    /// # Errors
    /// The converted error.
    pub fn result(&self, output: Result<T, E>) -> Result<T, Error>
    where
        E: Reportable,
    {
        output.map_err(Reportable::into_error)
    }
}

impl<F: Future> OutputKind<F> {
    /// The future of an `async fn`.
    pub fn future(&self, output: F) -> F {
        output
    }
}

/// A return type that is not a `Result`, or not a future.
pub trait ReturnsValue<T> {
    /// A future that is ready.
    fn future(&self, output: T) -> Ready<T>;

    /// Wraps the value.
    ///
    /// # Errors
    /// Never fails.
    fn result(&self, output: T) -> Result<T, Error>;
}

impl<T> ReturnsValue<T> for OutputKind<T> {
    fn future(&self, output: T) -> Ready<T> {
        ready(output)
    }

    fn result(&self, output: T) -> Result<T, Error> {
        Ok(output)
    }
}

/// One of the other errors that can be reported.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be reported as the error of a Lambda function",
    label = "not an error",
    note = "implement `std::error::Error` for it, or return a `lambda_native::Error`",
    note = "only the error of a handler of HTTP requests has a status: `(404, …)`, `Problem::new(404)`, `Error::new(…).with_status(404)`"
)]
pub trait Reportable {
    /// Converts the error.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl Reportable for Box<dyn StdError + Send> {
    fn into_error(self) -> Error {
        Error::from_dyn(&*self)
    }
}

#[diagnostic::do_not_recommend]
impl Reportable for Box<dyn StdError + Send + Sync> {
    fn into_error(self) -> Error {
        Error::from_dyn(&*self)
    }
}

#[diagnostic::do_not_recommend]
impl Reportable for String {
    fn into_error(self) -> Error {
        Error::new("Error", self)
    }
}

#[diagnostic::do_not_recommend]
impl Reportable for &str {
    fn into_error(self) -> Error {
        Error::new("Error", self)
    }
}
