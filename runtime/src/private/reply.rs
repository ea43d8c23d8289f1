//! What a function returns.

use std::marker::PhantomData;

use serde::Serialize;

use super::Ordinary;
#[cfg(feature = "http")]
use super::Special;
use crate::{Failure, Reply, json};

/// What a call gave: a future of a value, or a value.
#[derive(Debug)]
pub struct Called<T>(pub T);

impl<F: Future> Called<F> {
    /// The future.
    pub fn output(self) -> F {
        self.0
    }
}

/// What is there at once.
pub trait Now<T> {
    /// A future of it.
    fn output(self) -> std::future::Ready<T>;
}

impl<T> Now<T> for Called<T> {
    fn output(self) -> std::future::Ready<T> {
        std::future::ready(self.0)
    }
}

/// What a function returned: a `Result`, by whatever name it is written, or a value.
#[derive(Debug)]
pub struct Returned<T>(pub T);

impl<T, E> Returned<Result<T, E>> {
    /// The `Result`.
    ///
    /// # Errors
    /// That of the function.
    pub fn into_result(self) -> Result<T, E> {
        self.0
    }
}

/// A return value that is not a `Result`.
pub trait Value<T> {
    /// The value.
    ///
    /// # Errors
    /// None.
    fn into_result(self) -> Result<T, Failure>;
}

impl<T> Value<T> for Returned<T> {
    fn into_result(self) -> Result<T, Failure> {
        Ok(self.0)
    }
}

/// The type of a reply.
#[derive(Debug)]
pub struct Answer<R>(PhantomData<R>);

impl<R> Answer<R> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Ordinary for &Answer<R> {
    type Kind = IntoJson;

    fn kind(self) -> IntoJson {
        IntoJson
    }
}

#[cfg(feature = "http")]
impl<T> Special for Answer<crate::http::Json<T>> {
    type Kind = IntoHttp;

    fn kind(self) -> IntoHttp {
        IntoHttp
    }
}

#[cfg(feature = "http")]
impl Special for Answer<crate::http::Response> {
    type Kind = IntoHttp;

    fn kind(self) -> IntoHttp {
        IntoHttp
    }
}

/// A reply that is written as JSON.
#[derive(Debug)]
pub struct IntoJson;

impl IntoJson {
    /// Writes the reply with the code of its own type.
    ///
    /// # Errors
    /// If JSON has no form for it.
    pub fn encode<R>(self, value: &R, reply: &mut Reply<'_>) -> Result<(), Failure>
    where
        R: Serialize,
    {
        json::encode(value, reply)
    }

    /// With a JSON context.
    pub fn with<C>(self, context: C) -> C {
        context
    }
}

/// An answer to a request, which is the reply of handlers marked `http`.
#[cfg(feature = "http")]
#[derive(Debug)]
pub struct IntoHttp;

#[cfg(feature = "http")]
impl IntoHttp {
    /// Is refused.
    ///
    /// # Errors
    /// None.
    pub fn encode<R: NotAResponse>(self, _: &R, _: &mut Reply<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// With a JSON context, which it has no need of.
    #[must_use]
    pub fn with<C>(self, _: C) -> Self {
        self
    }
}

/// What a reply must be; nothing is it that is asked.
#[cfg(feature = "http")]
#[diagnostic::on_unimplemented(
    message = "this handler returns an HTTP response, and is not marked `http`",
    label = "an HTTP response",
    note = "mark it: `#[lambda_handler(http)]`"
)]
pub trait NotAResponse {}

/// The reply where the event was refused already; nothing more is said of it.
#[derive(Debug)]
pub struct Refused;

impl Refused {
    /// The same.
    #[must_use]
    pub fn kind(self) -> Self {
        self
    }

    /// No reply.
    ///
    /// # Errors
    /// None.
    pub fn encode<R>(self, _: &R, _: &mut Reply<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// With a JSON context, which it has no need of.
    #[must_use]
    pub fn with<C>(self, _: C) -> Self {
        self
    }
}

/// What a function marked `stream` returns.
#[diagnostic::on_unimplemented(
    message = "a handler marked `stream` returns nothing: what it answers, it writes to its reply",
    label = "not `()`",
    note = "return nothing or a `Result<(), …>`"
)]
pub trait Nothing {}

impl Nothing for () {}

/// Ends a reply that the function wrote.
pub fn wrote(_: impl Nothing) {}

/// Ends the answer to a request that the function wrote.
///
/// # Errors
/// If the function failed after it began to answer.
#[cfg(feature = "http")]
pub async fn responded(
    result: Result<impl Nothing, Failure>,
    context: &crate::Context,
    reply: &mut Reply<'_>,
) -> Result<(), Failure> {
    crate::http::end_stream(result.map(wrote), context, reply).await
}
