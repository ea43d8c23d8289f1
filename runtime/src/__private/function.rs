//! The functions that the macros write, and what they have in common.

use std::future::ready;
use std::marker::PhantomData;
use std::process::ExitCode;

#[cfg(feature = "http")]
use crate::http::{Request, Response};
#[cfg(feature = "openapi")]
use crate::openapi::operation::Operation;
#[cfg(feature = "http")]
use crate::routes::{Matched, Route, assert_new_routes};
use crate::{Context, Error, Handler, Reply, start_with};

/// A handler that `#[lambda_handler]` wrote.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Lambda handler",
    label = "not a handler",
    note = "put `#[lambda_handler(named)]` on the function"
)]
pub trait Function: Send + Sync + Sized + 'static {
    /// The state that `main!` makes for the function, or [`NoState`].
    type State: ?Sized;

    /// The name of the function.
    const NAME: &'static str;

    /// The description of the function that the executable carries.
    const RECORD: &'static [u8];

    /// The async runtime that calls the function.
    const FLAVOR: Flavor = Flavor::CurrentThread;

    /// The routes of the function. If it has any, requests go to [`respond`](Self::respond), and otherwise
    /// events go to [`call`](Self::call).
    #[cfg(feature = "http")]
    const ROUTES: &'static [Route] = &[];

    /// The function takes requests, but has no route.
    const IS_HTTP: bool = false;

    /// The name of the authorizer that the routes of the function have.
    const AUTH: Option<&'static str> = None;

    /// The function in the table of `main!`.
    const ENTRY: Entry = Entry {
        name: Self::NAME,
        record: Self::RECORD,
        flavor: Self::FLAVOR,
        is_http: Self::IS_HTTP,
        #[cfg(feature = "http")]
        routes: Self::ROUTES,
    };

    /// Makes the handler, with the state that all calls share.
    fn init(state: &'static Self::State) -> impl Future<Output = Result<Self, Error>>;

    /// Answers one invocation.
    ///
    /// # Errors
    /// The error is reported for this invocation.
    fn call(
        &self,
        _event: &[u8],
        _context: &Context,
        _reply: &mut Reply,
    ) -> impl Future<Output = Result<(), Error>> {
        ready(Err(Error::new(
            "Runtime.NotAnEventHandler",
            "the handler takes requests, not events",
        )))
    }

    /// Runs after each invocation, if the program consists of this function.
    fn after(_context: &Context) -> impl Future<Output = ()> {
        ready(())
    }

    /// Responds to a request that the router has chosen this function for.
    #[cfg(feature = "http")]
    fn respond(
        &self,
        _request: &Matched<'_>,
        _context: &Context,
    ) -> impl Future<Output = Response> {
        ready(Response::new(404))
    }

    /// Describes the function for an OpenAPI document.
    #[cfg(feature = "openapi")]
    fn describe(_: &mut Operation<'_>) {}
}

/// The state of a function that `main!` makes none for. It has no size, which tells it apart from every
/// state that a function returns.
#[derive(Debug)]
pub struct NoState<T: ?Sized = [()]>(T);

/// Stands for the state where a function takes none.
pub const NO_STATE: &NoState = &NoState([(); 0]);

/// A state that can be taken from what the `init` of `main!` made.
#[diagnostic::on_unimplemented(
    message = "a handler takes the state `{Self}`, and `main!` makes `{S}`",
    label = "takes another state",
    note = "`main!(…, init = function)` names the function that makes the state of all handlers, and they take a reference to what it returns"
)]
pub trait MadeFrom<S> {
    /// Takes the state.
    fn share(state: &'static S) -> &'static Self;
}

impl<S> MadeFrom<S> for S {
    fn share(state: &'static S) -> &'static S {
        state
    }
}

impl<S> MadeFrom<S> for NoState {
    fn share(_: &'static S) -> &'static Self {
        NO_STATE
    }
}

/// Takes the state of a function from the one that `main!` made.
pub fn share<S, T: ?Sized + MadeFrom<S>>(state: &'static S) -> &'static T {
    T::share(state)
}

/// The flavor of the async runtime.
#[derive(Clone, Copy, Debug)]
pub enum Flavor {
    /// One thread.
    CurrentThread,
    /// Several threads: that many, or one for each CPU.
    #[cfg(feature = "multi-thread")]
    MultiThread(Option<std::num::NonZeroUsize>),
}

impl Flavor {
    pub(super) fn start_with<H: Handler>(
        self,
        init: impl AsyncFnOnce() -> Result<H, Error>,
    ) -> ExitCode {
        match self {
            Self::CurrentThread => start_with(init),
            #[cfg(feature = "multi-thread")]
            Self::MultiThread(worker_threads) => {
                crate::start_multi_thread_with(worker_threads, init)
            }
        }
    }
}

/// Shares the state for the rest of the process's life.
pub fn leak<T>(state: T) -> &'static T {
    Box::leak(Box::new(state))
}

/// The functions that `main!` lists. A value is the handler of one of them, so that the program has the
/// event loop once.
pub trait Functions: Handler + Sized {
    /// The functions, in the order of the list.
    const ENTRIES: &'static [Entry];

    /// Tells whether a function has a route. It decides when the program is compiled whether the program
    /// contains a router.
    #[cfg(feature = "http")]
    const HAS_ROUTES: bool = has_routes(Self::ENTRIES);

    /// Makes the handlers of the functions at these positions, with one state for all.
    fn init(chosen: &[usize]) -> impl Future<Output = Result<Vec<Self>, Error>>;

    /// Runs after each invocation.
    fn after(_context: &Context) -> impl Future<Output = ()> {
        ready(())
    }

    /// Responds to a request as [`Function::respond`] does.
    #[cfg(feature = "http")]
    fn respond(&self, request: &Matched<'_>, context: &Context) -> impl Future<Output = Response>;

    /// Responds to any request with the help of `next`, which finds its route.
    #[cfg(feature = "http")]
    fn wrap(
        request: &Request<'_>,
        next: impl AsyncFnOnce(&Request<'_>) -> Response,
    ) -> impl Future<Output = Response> {
        next(request)
    }
}

#[cfg(feature = "http")]
const fn has_routes(mut entries: &[Entry]) -> bool {
    while let [entry, rest @ ..] = entries {
        if !entry.routes.is_empty() {
            return true;
        }
        entries = rest;
    }
    false
}

/// A function in the table of `main!`.
#[derive(Debug)]
pub struct Entry {
    pub(super) name: &'static str,
    pub(super) record: &'static [u8],
    pub(super) flavor: Flavor,
    /// It takes requests, but has no route.
    is_http: bool,
    #[cfg(feature = "http")]
    pub(super) routes: &'static [Route],
}

/// Asserts that no entry before the one at `index` has its name or one of its routes.
///
/// # Panics
/// If there is one.
#[track_caller]
pub const fn assert_new(entries: &[Entry], index: usize) {
    let (earlier, [entry, ..]) = entries.split_at(index) else { return };
    let mut earlier = earlier;
    while let [other, rest @ ..] = earlier {
        // A function with an error has no name.
        assert!(
            entry.name.is_empty() || !is_same(entry.name.as_bytes(), other.name.as_bytes()),
            "there are two handlers with the same name\n\
             hint: give one of them another: `#[lambda_handler(named = \"orders.list\")]`"
        );
        #[cfg(feature = "http")]
        assert_new_routes(other.routes, entry.routes);
        earlier = rest;
    }
}

/// Asserts that a wrapper of the program wraps the entry at `index`: it has routes, or takes events, which
/// nobody expects to be wrapped.
///
/// # Panics
/// If it takes requests without a route.
#[track_caller]
pub const fn assert_wrapped(entries: &[Entry], index: usize) {
    if let (_, [entry, ..]) = entries.split_at(index) {
        assert!(
            !entry.is_http,
            "`wrap` of `main!` is for handlers with routes, and this one has none\n\
             hint: `any = \"/{{path+}}\"` in place of `http` takes every request"
        );
    }
}

/// Asserts that one of the entries is the authorizer of a handler.
///
/// # Panics
/// If none is.
#[track_caller]
pub const fn assert_authorizer(entries: &[Entry], auth: Option<&str>) {
    let Some(auth) = auth else { return };
    let mut entries = entries;
    while let [entry, rest @ ..] = entries {
        if is_same(entry.name.as_bytes(), auth.as_bytes()) {
            return;
        }
        entries = rest;
    }
    panic!(
        "the authorizer of this handler is not listed in `main!`\n\
         hint: list the function that its `auth` names, too"
    );
}

/// Asserts that there is a route.
///
/// # Panics
/// If there is none.
#[cfg(feature = "http")]
#[track_caller]
pub const fn assert_routes(entries: &[Entry]) {
    assert!(
        has_routes(entries),
        "`wrap` of `main!` is for handlers with routes, and the program has none\n\
         hint: leave out `wrap`, or give a handler a route: `#[lambda_handler(named, get = \"/path\")]`"
    );
}

const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([a, ones @ ..], [b, others @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (ones, others);
    }
    one.is_empty() && other.is_empty()
}

/// Stands for a function with an error, so that the compiler reports no second one.
///
/// A program that contains it does not compile, even if there was no other error:
///
/// ```compile_fail,E0080
/// lambda_native::__private::main::<lambda_native::__private::Invalid>();
/// ```
#[derive(Debug)]
pub struct Invalid<T = ()>(PhantomData<fn() -> T>);

impl<T: 'static> Function for Invalid<T> {
    type State = NoState;

    const NAME: &'static str = "";
    const RECORD: &'static [u8] = &[];

    fn init(_: &'static NoState) -> impl Future<Output = Result<Self, Error>> {
        // It depends on `T`, so that it is evaluated only for a program that calls the function.
        const {
            assert!(
                size_of::<T>() == usize::MAX,
                "`#[lambda_handler]` cannot read the signature of a function"
            );
        }
        ready(Ok(Self(PhantomData)))
    }
}
