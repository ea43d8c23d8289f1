//! What the code that the macros emit is made of; not part of the public API.
//!
//! Much of it chooses by a type that the macros cannot see: whether what a function returned is a
//! future, a `Result`, an error of which kind. Rust takes a method of the type itself before one of
//! a trait, and one of a trait for `&&T` before one for `&T`, if it is called on `&&&T`; what is
//! chosen is decided when the program is compiled.

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use crate::json::{self, Registered};
pub use crate::record::Description;
use crate::{Context, Failure, Handler, Reply, start_with};

/// The default of the macro by which a second `main` is found.
pub mod once {
    pub use crate::__only_one_lambda_handler_writes_main as only_one_lambda_handler_writes_main;
}

#[doc(hidden)]
#[macro_export]
macro_rules! __only_one_lambda_handler_writes_main {
    ({ $($main:tt)* } { $($error:tt)* }) => { $($main)* };
}

#[cfg(feature = "macros")]
pub use lambda_native_macros::main_of as write_main_of;

/// A function with `#[lambda_handler]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Lambda handler",
    label = "not a handler",
    note = "put `#[lambda_handler(named)]` on the function"
)]
pub trait Function {
    /// Its name.
    const NAME: &'static str;

    /// The `main` that runs it.
    fn start() -> ExitCode;
}

/// Runs the only function of a program.
#[must_use]
pub fn main<F: Function>() -> ExitCode {
    F::start()
}

/// Runs that of several functions which Lambda's setting `Handler` names.
#[must_use]
pub fn main_of<F: Functions>() -> ExitCode {
    let handler = env::var("_HANDLER").unwrap_or_default();
    // As other runtimes have it, the name may follow that of a module or a file.
    let name = handler.rsplit_once('.').map_or(handler.as_str(), |(_, name)| name);
    F::start(name).unwrap_or_else(|| {
        let mut names = Vec::new();
        F::names(&mut names);
        let message = format!(
            "there is no handler `{handler}`; those of this program are `{}`",
            names.join("`, `")
        );
        start_with(async || Err::<Nobody, _>(Failure::new("Runtime.HandlerNotFound", message)))
    })
}

/// Several functions: `(first, (second, …))`.
pub trait Functions {
    /// Runs the function of that name, if it is one of them.
    fn start(name: &str) -> Option<ExitCode>;

    /// Adds their names.
    fn names(names: &mut Vec<&'static str>);
}

impl Functions for () {
    fn start(_: &str) -> Option<ExitCode> {
        None
    }

    fn names(_: &mut Vec<&'static str>) {}
}

impl<F: Function, Rest: Functions> Functions for (F, Rest) {
    fn start(name: &str) -> Option<ExitCode> {
        if name == F::NAME { Some(F::start()) } else { Rest::start(name) }
    }

    fn names(names: &mut Vec<&'static str>) {
        names.push(F::NAME);
        Rest::names(names);
    }
}

/// The handler where there is none.
enum Nobody {}

impl Handler for Nobody {
    async fn call(&self, _: &[u8], _: &Context, _: &mut Reply<'_>) -> Result<(), Failure> {
        match *self {}
    }
}

/// Ends the program, which so far holds on to its record.
#[must_use]
pub fn keep(record: &'static [u8], code: ExitCode) -> ExitCode {
    black_box(record);
    code
}

/// The flavor `multi_thread`.
#[derive(Clone, Copy, Debug)]
pub struct MultiThread;

/// That a flavor can be had, which is a matter of features.
#[diagnostic::on_unimplemented(
    message = "`flavor = \"multi_thread\"` needs the feature `multi-thread` of `lambda-native`",
    label = "needs the feature `multi-thread`",
    note = "in `Cargo.toml`: `lambda-native = {{ version = \"0.1\", features = [\"multi-thread\"] }}`"
)]
pub trait Enabled {
    /// Starts it.
    fn start<H: Handler>(
        self,
        worker_threads: Option<NonZeroUsize>,
        init: impl AsyncFnOnce() -> Result<H, Failure>,
    ) -> ExitCode;
}

#[cfg(feature = "multi-thread")]
impl Enabled for MultiThread {
    fn start<H: Handler>(
        self,
        worker_threads: Option<NonZeroUsize>,
        init: impl AsyncFnOnce() -> Result<H, Failure>,
    ) -> ExitCode {
        crate::start_multi_thread_with(worker_threads, init)
    }
}

/// Starts a function on the flavor.
pub fn start_flavor_with<H: Handler>(
    flavor: impl Enabled,
    worker_threads: Option<NonZeroUsize>,
    init: impl AsyncFnOnce() -> Result<H, Failure>,
) -> ExitCode {
    flavor.start(worker_threads, init)
}

/// A handler of a state and what answers an event with it.
pub fn handler<S, F>(state: S, answer: F) -> impl Handler
where
    S: Send + Sync + 'static,
    F: AsyncFn(&S, &[u8], &Context, &mut Reply<'_>) -> Result<(), Failure> + Send + Sync + 'static,
{
    Stateful { state, answer }
}

struct Stateful<S, F> {
    state: S,
    answer: F,
}

impl<S, F> Handler for Stateful<S, F>
where
    S: Send + Sync + 'static,
    F: AsyncFn(&S, &[u8], &Context, &mut Reply<'_>) -> Result<(), Failure> + Send + Sync + 'static,
{
    async fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply<'_>,
    ) -> Result<(), Failure> {
        (self.answer)(&self.state, event, context, reply).await
    }
}

/// The type of a function's first parameter.
#[derive(Debug)]
pub struct Event<T>(PhantomData<T>);

impl<T> Event<T> {
    /// That of `function`.
    pub fn of<R>(_: &impl FnOnce(T) -> R) -> Self {
        Self(PhantomData)
    }
}

/// The payload itself, which needs no context.
impl<'e> Event<&'e [u8]> {
    /// The payload.
    ///
    /// # Errors
    /// None.
    pub fn decode(self, event: &'e [u8], _: PhantomData<&'e [u8]>) -> Result<&'e [u8], Failure> {
        Ok(event)
    }

    /// The payload.
    ///
    /// # Errors
    /// None.
    pub fn registered<J>(
        self,
        event: &'e [u8],
        _: PhantomData<&'e [u8]>,
    ) -> Result<&'e [u8], Failure> {
        Ok(event)
    }
}

/// The context, which is not an event.
impl Event<&Context> {
    /// Is refused.
    ///
    /// # Errors
    /// None.
    pub fn decode<T: NotTheContext>(self, _: &[u8], _: PhantomData<T>) -> Result<T, Failure> {
        T::decode()
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

/// The request, which is the event of other handlers.
#[cfg(feature = "http")]
impl Event<crate::http::Request<'_>> {
    /// Is refused.
    ///
    /// # Errors
    /// None.
    pub fn decode<T: NotARequest>(self, _: &[u8], _: PhantomData<T>) -> Result<T, Failure> {
        T::decode()
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

/// Any other type.
pub trait FromJson<T>: Sized {
    /// The event, with the code of its own type.
    ///
    /// # Errors
    /// If it is not JSON or not a `T`.
    fn decode<'de>(self, event: &'de [u8], _: PhantomData<T>) -> Result<T, Failure>
    where
        T: Deserialize<'de>,
    {
        json::decode(event)
    }

    /// The event, with the code of the context `J`.
    ///
    /// # Errors
    /// If it is not JSON or not a `T`.
    fn registered<'de, J>(self, event: &'de [u8], _: PhantomData<T>) -> Result<T, Failure>
    where
        T: Registered<'de, J>,
    {
        T::decode(event).map_err(|error| json::unreadable(event, &error))
    }

    /// The request.
    #[cfg(feature = "http")]
    fn request<'r>(self, request: crate::http::Request<'r>, _: PhantomData<T>) -> T
    where
        T: FromRequest<'r>,
    {
        T::from_request(request)
    }
}

impl<T> FromJson<T> for Event<T> {}

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

/// Writes the reply with the code of the context `J`.
///
/// # Errors
/// If JSON has no form for it.
pub fn encode_registered<'de, J, T>(
    _: PhantomData<J>,
    value: &T,
    reply: &mut Reply<'_>,
) -> Result<(), Failure>
where
    T: Registered<'de, J>,
{
    value.encode(reply.body_mut()).map_err(|error| json::unwritable(&error))
}

/// Reads a registered type.
///
/// # Errors
/// If `json` is not a `T`.
pub fn read<'de, T>(json: &'de [u8], _: PhantomData<T>) -> Result<T, json::Error>
where
    T: Deserialize<'de>,
{
    json::read(json)
}

/// Writes a registered type.
///
/// # Errors
/// If JSON has no form for it.
pub fn write<T: Serialize>(value: &T, json: &mut Vec<u8>) -> Result<(), json::Error> {
    serde_json::to_writer(json, value)
}

/// `Json::to_vec`.
///
/// # Errors
/// If JSON has no form for the value.
pub fn to_vec<'de, J, T: Registered<'de, J>>(value: &T) -> Result<Vec<u8>, json::Error> {
    let mut json = Vec::new();
    value.encode(&mut json)?;
    Ok(json)
}

/// `Json::to_string`.
///
/// # Errors
/// If JSON has no form for the value.
pub fn to_string<'de, J, T: Registered<'de, J>>(value: &T) -> Result<String, json::Error> {
    String::from_utf8(to_vec(value)?).map_err(serde::ser::Error::custom)
}
