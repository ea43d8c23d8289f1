//! What a function's error becomes.

use std::error::Error;
use std::marker::PhantomData;

use crate::Failure;

/// The type of an error.
#[derive(Debug)]
pub struct Reason<E>(PhantomData<fn() -> E>);

impl<E> Reason<E> {
    /// That of `error`.
    pub fn of(_: &E) -> Self {
        Self(PhantomData)
    }
}

/// An error that turns into a [`Failure`], as every `std::error::Error` does.
pub trait Standard<E> {
    /// The failure.
    fn failure(&self, error: E) -> Failure;
}

impl<E: Into<Failure>> Standard<E> for &&Reason<E> {
    fn failure(&self, error: E) -> Failure {
        error.into()
    }
}

/// An error that holds another: `anyhow::Error`, `eyre::Report`, `Box<dyn Error>`.
pub trait Wrapped<E> {
    /// The failure.
    fn failure(&self, error: E) -> Failure;
}

impl<E: AsRef<dyn Error>> Wrapped<E> for &Reason<E> {
    fn failure(&self, error: E) -> Failure {
        failure(error.as_ref())
    }
}

impl Reason<Box<dyn Error + Send>> {
    /// The failure.
    #[must_use]
    pub fn failure(&self, error: Box<dyn Error + Send>) -> Failure {
        failure(&*error)
    }
}

impl Reason<Box<dyn Error + Send + Sync>> {
    /// The failure.
    #[must_use]
    pub fn failure(&self, error: Box<dyn Error + Send + Sync>) -> Failure {
        failure(&*error)
    }
}

impl Reason<String> {
    /// The failure.
    #[must_use]
    pub fn failure(&self, error: String) -> Failure {
        Failure::new("Error", error)
    }
}

impl Reason<&str> {
    /// The failure.
    #[must_use]
    pub fn failure(&self, error: &str) -> Failure {
        Failure::new("Error", error)
    }
}

/// Any other error, which the compiler refuses.
pub trait Other<E> {
    /// The failure.
    fn failure(&self, error: E) -> Failure
    where
        E: Reportable;
}

impl<E> Other<E> for Reason<E> {
    fn failure(&self, error: E) -> Failure
    where
        E: Reportable,
    {
        error.failure()
    }
}

/// What has no other way to become a [`Failure`]; nothing is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be reported as the error of a Lambda function",
    label = "not an error",
    note = "implement `std::error::Error` for it, or return a `lambda_native::Failure`"
)]
pub trait Reportable {
    /// The failure.
    fn failure(self) -> Failure;
}

/// An error of which only this is known.
fn failure(error: &(dyn Error + 'static)) -> Failure {
    let failure = Failure::new("Error", error.to_string());
    match error.source() {
        Some(source) => failure.caused_by(source),
        None => failure,
    }
}
