//! A thin [AWS Lambda](https://docs.aws.amazon.com/lambda/) runtime: it takes events from the
//! Lambda Runtime API and answers each with your function.
//!
//! ```no_run
//! use lambda_native::http::{Json, Request};
//! use lambda_native::lambda_handler;
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! struct Greeting {
//!     message: String,
//! }
//!
//! #[lambda_handler(http)]
//! async fn hello(request: Request<'_>) -> Json<Greeting> {
//!     let name = request.query("name").unwrap_or("world".into());
//!     Json(Greeting { message: format!("hello {name}") })
//! }
//! ```
//!
//! That is a whole program: [`lambda_handler`] emits its `main`. Without the macro the same is
//! [`start`] with a [`handler_fn`], or with a [`Handler`] of your own.
//!
//! Failures are of two kinds. A [`Failure`] is reported to Lambda for one invocation, and the loop
//! goes on; an [`Error`] ends the process.
//!
//! A panic is a failure too, reported with its message and place, and with a backtrace where
//! `RUST_BACKTRACE` asks for one. Under `panic = "unwind"` the loop then goes on. Under `panic =
//! "abort"` it is reported before the process dies, and Lambda starts another for the next event,
//! with nothing of what the panic left half done. Projects of `scaffold new` abort: their executable
//! is 7% smaller, and neither start nor calls differ. State that is dear to make again is a reason to
//! unwind.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `macros` | yes | [`lambda_handler`], [`json_context`], [`main!`] |
//! | `http` | yes | [`http`]: requests and responses of API Gateway, Function URLs, load balancers |
//! | `http-types` | | conversions from and to the types of the `http` crate |
//! | `tower` | | `http::service`: an `axum` router, or another service of `tower`, as a handler |
//! | `concurrency` | | `AWS_LAMBDA_MAX_CONCURRENCY`: that many invocations at a time in one process |
//! | `multi-thread` | | [`start_multi_thread_with`]: a tokio runtime of several threads |
//! | `shutdown` | | [`shutdown`]: what is to be done before Lambda ends the process |
//! | `tracing` | | [`logging`]: the log as Lambda asks for it, for the `tracing` crate |

#[cfg(feature = "macros")]
mod attributes;
mod client;
#[cfg(feature = "concurrency")]
mod concurrency;
mod context;
mod error;
#[cfg(feature = "__fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "http")]
pub mod http;
mod http1;
mod invoke;
pub mod json;
mod json_path;
mod log;
#[cfg(feature = "tracing")]
pub mod logging;
mod panic;
pub mod record;
#[cfg(feature = "shutdown")]
pub mod shutdown;
pub mod stream;
pub mod testing;

pub use crate::context::{CognitoIdentity, Context};
pub use crate::error::{Error, Failure};
#[cfg(feature = "multi-thread")]
pub use crate::invoke::start_multi_thread_with;
pub use crate::invoke::{Handler, Reply, handler_fn, run, run_with, start, start_with};

#[cfg(feature = "macros")]
pub use crate::attributes::{json_context, lambda_handler};

/// What the code that the macros emit is made of; not part of the public API.
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
