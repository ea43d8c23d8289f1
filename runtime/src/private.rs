//! What the code that the macros emit is made of; not part of the public API.
//!
//! Much of it chooses by a type that the macros cannot see: whether what a function returned is a
//! future, a `Result`, an error of which kind. Rust takes a method of the type itself before one of
//! a trait, and one of a trait for `&&T` before one for `&T`, if it is called on `&&&T`; what is
//! chosen is decided when the program is compiled.

#[path = "private/error.rs"]
mod error;
#[path = "private/event.rs"]
mod event;
#[path = "private/json.rs"]
mod json;
#[path = "private/program.rs"]
mod program;
#[path = "private/reply.rs"]
mod reply;
#[path = "private/state.rs"]
mod state;

pub use self::error::*;
pub use self::event::*;
pub use self::json::*;
pub use self::program::*;
pub use self::reply::*;
pub use self::state::*;
pub use crate::record::Description;

#[cfg(feature = "macros")]
pub use lambda_native_macros::main_of as write_main_of;

/// A type of event or reply that has nothing to do with JSON. A type that is not found is taken for one
/// of these: nothing more is said of it.
pub trait Special {
    /// How it is read or written.
    type Kind;

    /// How it is read or written.
    fn kind(self) -> Self::Kind;
}

/// Any other type.
pub trait Ordinary {
    /// How it is read or written.
    type Kind;

    /// How it is read or written.
    fn kind(self) -> Self::Kind;
}

/// The default of the macro by which a second `main` is found.
pub mod once {
    pub use crate::__only_one_lambda_handler_writes_main as only_one_lambda_handler_writes_main;
}

#[doc(hidden)]
#[macro_export]
macro_rules! __only_one_lambda_handler_writes_main {
    ({ $($main:tt)* } { $($error:tt)* }) => { $($main)* };
}

/// What a program would say that does not compile.
fn refused() -> crate::Failure {
    crate::Failure::new("Runtime.HandlerNotFound", "")
}
