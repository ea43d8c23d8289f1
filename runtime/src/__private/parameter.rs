//! The parameters of a function.

use crate::{Context, Error};

/// A type that can be the context of a handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the invocation's context",
    label = "not a context",
    note = "a reference to anything else is the handler's state, which a function makes: `#[lambda_handler(init = function)]`"
)]
pub trait FromContext<'c> {
    /// Makes the parameter.
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

/// Makes the context of a handler.
pub fn context<'c, T: FromContext<'c>>(context: &'c Context) -> T {
    T::from_context(context)
}

/// The return type of a function that writes its response itself.
#[diagnostic::on_unimplemented(
    message = "a handler marked `stream` returns nothing: it writes its response to its parameter",
    label = "not `()`",
    note = "return nothing or a `Result<(), …>`"
)]
pub trait Nothing {}

impl Nothing for () {}

/// Ends a response that the function wrote itself.
///
/// # Errors
/// The function's own error.
pub fn written(result: Result<impl Nothing, Error>) -> Result<(), Error> {
    result.map(drop)
}
