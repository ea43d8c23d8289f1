//! A thin AWS Lambda runtime.

mod context;
mod error;
#[cfg(feature = "http")]
pub mod http;
mod invoke;
pub mod json;

pub use crate::context::Context;
pub use crate::error::Failure;
pub use crate::invoke::{Handler, Reply};
