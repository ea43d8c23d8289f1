#![cfg_attr(docsrs, feature(doc_cfg))]

//! A thin runtime for Rust functions on [AWS Lambda](https://docs.aws.amazon.com/lambda/).
//!
//! A function is an ordinary Rust function with an attribute:
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
//! This is a whole program. [`lambda_handler`] emits a `main` that gets events from the Lambda Runtime
//! API and passes them to the function, one after the other. Without `http`, the function takes and
//! returns any type that `serde` can read and write as JSON.
//!
//! # Where to go from here
//!
//! | to | see |
//! |---|---|
//! | learn what a function can take and return, and every argument of the attribute | [`lambda_handler`] |
//! | read HTTP requests and make responses | [`http`] |
//! | handle the messages of a queue, the records of a stream and other events | `events`, and the arguments [`sqs` and others](lambda_handler#sqs-kinesis-dynamodb) |
//! | make clients and tables once, before the first event | [`init`](lambda_handler#init) |
//! | read the request id and the deadline | [`Context`] |
//! | fail with a type, a message and an HTTP status | [`Error`], or your own [`HandlerError`] |
//! | send a response while it is being written | [`stream`](lambda_handler#stream) |
//! | put several functions into one program | [`main!`] |
//! | write metrics for CloudWatch | [`metrics`] |
//! | let the compiler check which types go through JSON | [`json_context`] |
//! | test a function without Lambda | [`testing`] |
//! | wrap the handlers of requests: authentication, CORS | [`wrap`](lambda_handler#wrap) |
//! | flush telemetry after each response | [`after`](lambda_handler#after) |
//! | work without the macro | [`start`] with [`handler_fn`] or [`http::handler_fn`], or with your own [`Handler`] |
//!
//! # Errors and panics
//!
//! An [`Error`] that a function returns is reported to Lambda for that invocation, and the loop goes
//! on. A [`RuntimeError`] ends the process; few programs ever handle one.
//!
//! A panic is reported like an error, with its message, its location and, if `RUST_BACKTRACE` is set,
//! its backtrace. With `panic = "unwind"` the loop then goes on. With `panic = "abort"` the report is
//! sent before the process dies, and Lambda starts a new process for the next event, without any state
//! that the panic left half changed. Projects of `scaffold new` abort: their executable is 7% smaller,
//! and just as fast. If your state is expensive to rebuild, use `unwind`. With the feature `concurrency`,
//! always use it: a panic that aborts ends all invocations of the process.
//!
//! A panic hook of your own belongs into `init`. It is called after the panic was reported.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `macros` | yes | [`lambda_handler`], [`json_context`], [`main!`] |
//! | `http` | yes | [`http`]: requests and responses of API Gateway, Function URLs and load balancers |
//! | `http-types` | | conversions from and to the types of the `http` crate |
//! | `tower` | | `http::service`, `http::stream_service`: an `axum` router, or another `tower` service, as a handler |
//! | `anyhow`, `eyre` | | `?` from [`Error`] to `anyhow::Error` and `eyre::Report` |
//! | `aws-sdk` | | `aws_sdk`: the trace id of the invocation in the requests of the AWS SDK |
//! | `cloudwatch-logs` | | `events::cloudwatch_logs`: log events, which are compressed |
//! | `concurrency` | | several invocations at a time in one process, as many as `AWS_LAMBDA_MAX_CONCURRENCY` |
//! | `lambda-runtime` | | `lambda_runtime::handler_fn`: a function for the crate `lambda_runtime` as a handler, such as one of the SDK for durable functions |
//! | `multi-thread` | | [`start_multi_thread_with`]: a tokio runtime with several threads |
//! | `musl-allocator` | | the allocator `dlmalloc` for the whole program if it is linked with musl, whose own is slow |
//! | `events` | | `events`: one call for each record of a queue or a stream, and types of events |
//! | `openapi` | | `openapi`: descriptions of routes, from which `scaffold openapi` makes a document |
//! | `shutdown` | | [`shutdown`]: cleanup before Lambda stops the process |
//! | `snap-start` | | [`snap_start`]: hooks around the snapshot of a function with SnapStart |
//! | `tracing` | | [`logging`]: the events of the `tracing` crate in Lambda's log format |

#[cfg(feature = "aws-sdk")]
pub mod aws_sdk;
mod context;
mod current;
mod error;
mod event_loop;
#[cfg(feature = "events")]
pub mod events;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod handler;
#[cfg(feature = "http")]
pub mod http;
pub mod json;
#[cfg(feature = "lambda-runtime")]
pub mod lambda_runtime;
#[cfg(not(feature = "tracing"))]
mod logging;
#[cfg(feature = "tracing")]
pub mod logging;
#[cfg(feature = "macros")]
mod macros;
pub mod metrics;
#[cfg(all(feature = "musl-allocator", target_env = "musl"))]
mod musl_allocator;
#[cfg(feature = "openapi")]
pub mod openapi;
mod printable;
pub mod record;
mod response;
#[cfg(feature = "http")]
mod routes;
mod runtime_api;
pub mod testing;

pub use crate::context::{CognitoIdentity, Context};
pub use crate::error::{Error, HandlerError, RuntimeError};
#[cfg(feature = "shutdown")]
pub use crate::event_loop::shutdown;
#[cfg(feature = "snap-start")]
pub use crate::event_loop::snap_start;
#[cfg(feature = "multi-thread")]
pub use crate::event_loop::start::start_multi_thread_with;
pub use crate::event_loop::start::{run, run_with, start, start_with};
pub use crate::handler::{Handler, HandlerFn, after, handler_fn};
#[cfg(feature = "macros")]
pub use crate::macros::{json_context, lambda_handler};
pub use crate::response::{Reply, ReplyWriter};

/// The building blocks of the code that the macros emit; not part of the public API.
#[doc(hidden)]
pub mod __private;
