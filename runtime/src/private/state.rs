//! A function's state, and the handler that it makes.

use std::marker::PhantomData;

use super::Nobody;
use crate::{Context, Failure, Handler, Reply};

/// The type of a state.
#[derive(Debug)]
pub struct State<S>(PhantomData<fn() -> S>);

impl<S> State<S> {
    /// That of `state`.
    pub fn of(_: &S) -> Self {
        Self(PhantomData)
    }
}

/// A state that all calls can share, on whatever thread they are.
pub trait Shared<S> {
    /// A handler of the state and what answers an event with it.
    fn handler<F>(self, state: S, answer: F) -> impl Handler
    where
        F: AsyncFn(&S, &[u8], &Context, &mut Reply<'_>) -> Result<(), Failure>
            + Send
            + Sync
            + 'static;
}

impl<S: Send + Sync + 'static> Shared<S> for State<S> {
    fn handler<F>(self, state: S, answer: F) -> impl Handler
    where
        F: AsyncFn(&S, &[u8], &Context, &mut Reply<'_>) -> Result<(), Failure>
            + Send
            + Sync
            + 'static,
    {
        Stateful { state, answer }
    }
}

/// Any other state, which the compiler refuses.
pub trait Unshared<S>: Sized {
    /// A handler of nothing.
    fn handler<F>(self, state: S, _: F) -> Nobody
    where
        S: Shareable,
        F: AsyncFn(&S, &[u8], &Context, &mut Reply<'_>) -> Result<(), Failure>,
    {
        state.handler()
    }
}

impl<S> Unshared<S> for &State<S> {}

/// What has no other way to be shared; nothing is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the state of a handler: it is not `Send` and `Sync`",
    label = "not `Send` and `Sync`",
    note = "calls on several threads may share it: take `Arc` for `Rc`, `Mutex` or atomics for `RefCell` and `Cell`"
)]
pub trait Shareable {
    /// A handler of nothing.
    fn handler(self) -> Nobody;
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
