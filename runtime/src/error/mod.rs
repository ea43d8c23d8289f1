//! The two kinds of error, never mixed: an [`Error`] is reported for one invocation, and a
//! [`RuntimeError`] ends the process.

mod handler;
mod runtime;

pub(crate) use self::handler::prefix;
pub use self::handler::{Error, HandlerError};
pub use self::runtime::RuntimeError;
pub(crate) use self::runtime::WithCauses;
