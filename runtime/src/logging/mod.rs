//! The function's log.
//!
//! `AWS_LAMBDA_LOG_FORMAT` is `Text` or `JSON`, and `AWS_LAMBDA_LOG_LEVEL` the least severe level that
//! is logged ("Configuring advanced logging controls" in AWS's documentation).

pub(crate) mod line;
#[cfg(feature = "tracing")]
mod subscriber;

#[cfg(feature = "tracing")]
pub(crate) use self::subscriber::invocation_span;
#[cfg(feature = "tracing")]
pub use self::subscriber::{init, layer};
