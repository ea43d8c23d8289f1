//! The `main` of a program with one function, or with several.

use std::env;
use std::hint::black_box;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use crate::{Context, Failure, Handler, Reply, start_with};

/// A function with `#[lambda_handler]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Lambda handler",
    label = "not a handler",
    note = "put `#[lambda_handler(named)]` on the function"
)]
pub trait Function {
    /// Its name.
    const NAME: &'static str;

    /// Makes its state, and with it what answers events.
    fn init() -> impl Future<Output = Result<impl Handler, Failure>>;

    /// Starts the async runtime that it asks for.
    fn start<H: Handler>(init: impl AsyncFnOnce() -> Result<H, Failure>) -> ExitCode {
        start_with(init)
    }
}

/// What `init` gives for a function that does not compile.
///
/// # Errors
/// Always.
pub fn not_made() -> Result<impl Handler, Failure> {
    Err::<Nobody, _>(super::refused())
}

/// Where a `main` is: in the root of the program, or not.
#[derive(Clone, Copy, Debug)]
pub struct Root<const IS_ROOT: bool>;

/// Whether that is the path of a crate, and not of a module in it.
#[must_use]
pub const fn is_root(path: &str) -> bool {
    let mut path = path.as_bytes();
    while let [first, rest @ ..] = path {
        if *first == b':' {
            return false;
        }
        path = rest;
    }
    true
}

/// That a `main` is in the root of the program.
#[diagnostic::on_unimplemented(
    message = "this handler is in a module, where the program's `main` cannot be",
    label = "not in the root of the program",
    note = "move it to the root, or mark it `#[lambda_handler(named)]` and list it there: `lambda_native::main!(module::handler);`"
)]
pub trait IsRoot {}

impl IsRoot for Root<true> {}

/// What is found in the place of a function that is not beside its `main`, but in an `impl` block or
/// in the body of another.
#[derive(Clone, Copy, Debug)]
pub struct InAnImpl;

impl InAnImpl {
    /// Is refused.
    pub fn free<T: CanBeAHandler>(self, _: PhantomData<T>) -> T::Function {
        T::function()
    }

    /// That it has no event.
    #[must_use]
    pub fn event(self) -> PhantomData<Self> {
        PhantomData
    }
}

/// Any other function.
pub trait Free: Sized {
    /// The function.
    #[must_use]
    fn free(self, _: PhantomData<()>) -> Self {
        self
    }

    /// The type of its event, which is to be found out.
    fn event<E>(self) -> PhantomData<E> {
        PhantomData
    }
}

impl<F> Free for F {}

/// What a function in an `impl` block would have to be.
#[diagnostic::on_unimplemented(
    message = "a handler is a free function",
    label = "in an `impl` block, or in another function",
    note = "move it out of the block: `#[lambda_handler]` writes the program's `main` beside it"
)]
pub trait CanBeAHandler {
    /// The function.
    type Function;

    /// The function.
    fn function() -> Self::Function;
}

/// Runs the only function of a program.
#[must_use]
pub fn main<F: Function>(_: impl IsRoot) -> ExitCode {
    F::start(F::init)
}

/// Runs that of several functions which Lambda's setting `Handler` names.
#[must_use]
pub fn main_of<F: Functions>(_: impl IsRoot) -> ExitCode {
    let handler = env::var("_HANDLER").unwrap_or_default();
    // As other runtimes have it, the name may follow that of a module or a file.
    let name = handler.rsplit_once('.').map_or(handler.as_str(), |(_, name)| name);
    F::start(name, async || {
        F::init(name).await?.ok_or_else(|| {
            let mut names = Vec::new();
            F::names(&mut names);
            let message = format!(
                "there is no handler `{handler}`; those of this program are `{}`",
                names.join("`, `")
            );
            Failure::new("Runtime.HandlerNotFound", message)
        })
    })
}

/// Several functions: `(first, (second, …))`. Their handlers are one type, so that the program has
/// the runtime's loop once.
pub trait Functions {
    /// Makes the handler of that name, if it is one of them.
    fn init(name: &str) -> impl Future<Output = Result<Option<impl Handler>, Failure>>;

    /// Starts the async runtime that the function of that name asks for.
    fn start<H: Handler>(name: &str, init: impl AsyncFnOnce() -> Result<H, Failure>) -> ExitCode;

    /// Adds their names.
    fn names(names: &mut Vec<&'static str>);
}

impl Functions for () {
    async fn init(_: &str) -> Result<Option<impl Handler>, Failure> {
        Ok(None::<Nobody>)
    }

    fn start<H: Handler>(_: &str, init: impl AsyncFnOnce() -> Result<H, Failure>) -> ExitCode {
        start_with(init)
    }

    fn names(_: &mut Vec<&'static str>) {}
}

impl<F: Function, Rest: Functions> Functions for (F, Rest) {
    async fn init(name: &str) -> Result<Option<impl Handler>, Failure> {
        Ok(if name == F::NAME {
            Some(OneOf::First(F::init().await?))
        } else {
            Rest::init(name).await?.map(OneOf::Rest)
        })
    }

    fn start<H: Handler>(name: &str, init: impl AsyncFnOnce() -> Result<H, Failure>) -> ExitCode {
        if name == F::NAME { F::start(init) } else { Rest::start(name, init) }
    }

    fn names(names: &mut Vec<&'static str>) {
        names.push(F::NAME);
        Rest::names(names);
    }
}

/// The handler that was chosen.
enum OneOf<First, Rest> {
    First(First),
    Rest(Rest),
}

impl<First: Handler, Rest: Handler> Handler for OneOf<First, Rest> {
    async fn call(
        &self,
        event: &[u8],
        context: &Context,
        reply: &mut Reply<'_>,
    ) -> Result<(), Failure> {
        match self {
            Self::First(first) => first.call(event, context, reply).await,
            Self::Rest(rest) => rest.call(event, context, reply).await,
        }
    }
}

/// The handler where there is none.
#[derive(Debug)]
pub enum Nobody {}

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
