//! What a function takes.

use std::marker::PhantomData;

use serde::Deserialize;

use super::{Answer, InAnImpl, Ordinary, Refused, Special};
use crate::{Context, Failure, Reply, json};

/// The type of a function's first parameter; `()` if it has none.
#[derive(Debug)]
pub struct Event<T>(PhantomData<T>);

impl<T> Event<T> {
    /// That of `function`.
    pub fn of<R>(_: &impl FnOnce(T) -> R) -> Self {
        Self(PhantomData)
    }

    /// That of `function`, which is known already where it is none.
    pub fn same<R>(_: &impl FnOnce(T) -> R, _: PhantomData<T>) -> Self {
        Self(PhantomData)
    }
}

impl Event<()> {
    /// That of a function without parameters.
    #[must_use]
    pub fn none() -> Self {
        Self(PhantomData)
    }
}

impl<T> Ordinary for &Event<T> {
    type Kind = FromJson;

    fn kind(self) -> FromJson {
        FromJson
    }
}

impl<'e> Special for Event<&'e [u8]> {
    type Kind = Payload<'e>;

    fn kind(self) -> Payload<'e> {
        Payload(PhantomData)
    }
}

impl Special for Event<&Context> {
    type Kind = ContextFirst;

    fn kind(self) -> ContextFirst {
        ContextFirst
    }
}

#[cfg(feature = "http")]
impl Special for Event<crate::http::Request<'_>> {
    type Kind = FromHttp;

    fn kind(self) -> FromHttp {
        FromHttp
    }
}

impl Special for Event<InAnImpl> {
    type Kind = NoEvent;

    fn kind(self) -> NoEvent {
        NoEvent
    }
}

/// An event that is read as JSON.
#[derive(Clone, Copy, Debug)]
pub struct FromJson;

impl FromJson {
    /// The event, with the code of its own type.
    ///
    /// # Errors
    /// If it is not JSON or not a `T`.
    pub fn decode<'de, T>(self, event: &'de [u8], _: PhantomData<T>) -> Result<T, Failure>
    where
        T: Deserialize<'de>,
    {
        json::decode(event)
    }

    /// With a JSON context.
    pub fn with<C>(self, context: C) -> C {
        context
    }

    /// The request.
    #[cfg(feature = "http")]
    pub fn request<'r, T>(self, request: crate::http::Request<'r>, _: PhantomData<T>) -> T
    where
        T: FromRequest<'r>,
    {
        T::from_request(request)
    }

    /// What answers it.
    pub fn answer<R>(self, _: &R) -> Answer<R> {
        Answer::new()
    }
}

/// The payload itself, which needs no context.
#[derive(Clone, Copy, Debug)]
pub struct Payload<'e>(PhantomData<&'e [u8]>);

impl<'e> Payload<'e> {
    /// The payload.
    ///
    /// # Errors
    /// None.
    pub fn decode(self, event: &'e [u8], _: PhantomData<&'e [u8]>) -> Result<&'e [u8], Failure> {
        Ok(event)
    }

    /// With a JSON context, which it has no need of.
    #[must_use]
    pub fn with<C>(self, _: C) -> Self {
        self
    }

    /// The request, which it is not.
    #[cfg(feature = "http")]
    pub fn request<'r, T>(self, request: crate::http::Request<'r>, _: PhantomData<T>) -> T
    where
        T: FromRequest<'r>,
    {
        T::from_request(request)
    }

    /// What answers it.
    pub fn answer<R>(self, _: &R) -> Answer<R> {
        Answer::new()
    }
}

/// The context, which is not an event.
#[derive(Clone, Copy, Debug)]
pub struct ContextFirst;

impl ContextFirst {
    /// Is refused.
    ///
    /// # Errors
    /// None.
    pub fn decode<T: NotTheContext>(self, _: &[u8], _: PhantomData<T>) -> Result<T, Failure> {
        T::decode()
    }

    /// With a JSON context, which it has no need of.
    #[must_use]
    pub fn with<C>(self, _: C) -> Self {
        self
    }

    /// Is refused.
    #[cfg(feature = "http")]
    pub fn request<'r, T>(self, request: crate::http::Request<'r>, _: PhantomData<T>) -> T
    where
        T: FromRequest<'r>,
    {
        T::from_request(request)
    }

    /// Its reply is no matter.
    #[must_use]
    pub fn answer<R>(self, _: &R) -> Refused {
        Refused
    }
}

/// What a first parameter must be; nothing is it that is asked.
#[diagnostic::on_unimplemented(
    message = "the first parameter of a handler is the event, not the context",
    label = "the context comes second",
    note = "a handler takes the event, a `&lambda_native::Context` and, with `init`, the state: in this order",
    note = "if it does not read the event: `_: serde::de::IgnoredAny`"
)]
pub trait NotTheContext: Sized {
    /// The event.
    ///
    /// # Errors
    /// None.
    fn decode() -> Result<Self, Failure>;
}

/// A request, which is the event of handlers marked `http`.
#[cfg(feature = "http")]
#[derive(Clone, Copy, Debug)]
pub struct FromHttp;

#[cfg(feature = "http")]
impl FromHttp {
    /// Is refused.
    ///
    /// # Errors
    /// None.
    pub fn decode<T: NotARequest>(self, _: &[u8], _: PhantomData<T>) -> Result<T, Failure> {
        T::decode()
    }

    /// With a JSON context, which it has no need of.
    #[must_use]
    pub fn with<C>(self, _: C) -> Self {
        self
    }

    /// The request.
    pub fn request<'r, T>(self, request: crate::http::Request<'r>, _: PhantomData<T>) -> T
    where
        T: FromRequest<'r>,
    {
        T::from_request(request)
    }

    /// Its reply is one to a request; that the request is refused is enough.
    #[must_use]
    pub fn answer<R>(self, _: &R) -> Refused {
        Refused
    }
}

/// What a first parameter must be; nothing is it that is asked.
#[cfg(feature = "http")]
#[diagnostic::on_unimplemented(
    message = "this handler takes an HTTP request, and is not marked `http`",
    label = "an HTTP request",
    note = "mark it: `#[lambda_handler(http)]`"
)]
pub trait NotARequest: Sized {
    /// The event.
    ///
    /// # Errors
    /// None.
    fn decode() -> Result<Self, Failure>;
}

/// The event of a function which is no handler; nothing more is said of it.
#[derive(Clone, Copy, Debug)]
pub struct NoEvent;

impl NoEvent {
    /// No event.
    ///
    /// # Errors
    /// Always.
    pub fn decode<T>(self, _: &[u8], _: PhantomData<T>) -> Result<T, Failure> {
        Err(super::refused())
    }

    /// With a JSON context, which it has no need of.
    #[must_use]
    pub fn with<C>(self, _: C) -> Self {
        self
    }

    /// No request.
    #[cfg(feature = "http")]
    pub fn request<T>(self, _: crate::http::Request<'_>, _: PhantomData<T>) -> InAnImpl {
        InAnImpl
    }

    /// No reply.
    #[must_use]
    pub fn answer<R>(self, _: &R) -> Refused {
        Refused
    }
}

/// What a function marked `http` takes.
#[cfg(feature = "http")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an HTTP request",
    label = "not an HTTP request",
    note = "a handler marked `http` takes a `lambda_native::http::Request<'_>`, and reads its body with `request.json()`"
)]
pub trait FromRequest<'r> {
    /// The parameter.
    fn from_request(request: crate::http::Request<'r>) -> Self;
}

#[cfg(feature = "http")]
impl<'r> FromRequest<'r> for crate::http::Request<'r> {
    fn from_request(request: crate::http::Request<'r>) -> Self {
        request
    }
}

/// What a function's second parameter can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the invocation's context",
    label = "not a context",
    note = "a handler takes the event, a `&lambda_native::Context` and, with `init`, the state: in this order"
)]
pub trait FromContext<'c> {
    /// The parameter.
    fn from_context(context: &'c Context) -> Self;
}

impl<'c> FromContext<'c> for &'c Context {
    fn from_context(context: &'c Context) -> Self {
        context
    }
}

impl FromContext<'_> for Context {
    fn from_context(context: &Context) -> Self {
        context.clone()
    }
}

/// The second parameter of a function.
pub fn parameter<'c, T: FromContext<'c>>(context: &'c Context, _: PhantomData<T>) -> T {
    T::from_context(context)
}

/// What the last parameter of a function marked `stream` is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the reply that a handler marked `stream` writes",
    label = "not the reply",
    note = "such a handler takes a `&mut lambda_native::Reply<'_>` last"
)]
pub trait FromReply<'r, 'c> {
    /// The parameter.
    fn from_reply(reply: &'r mut Reply<'c>) -> Self;
}

impl<'r, 'c> FromReply<'r, 'c> for &'r mut Reply<'c> {
    fn from_reply(reply: &'r mut Reply<'c>) -> Self {
        reply
    }
}

/// The last parameter of a function marked `stream`, moved to where it is used: lent, it could not be
/// part of what the call gives.
#[derive(Debug)]
pub struct Written<'r, 'c>(pub &'r mut Reply<'c>);

impl<'r, 'c> Written<'r, 'c> {
    /// The parameter.
    pub fn parameter<T: FromReply<'r, 'c>>(self, _: PhantomData<T>) -> T {
        T::from_reply(self.0)
    }
}
