//! Functions built with the runtime, against a scripted Runtime API.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "an unexpected value ends the test"
)]

#[cfg(unix)]
mod abort;
mod authorizer;
mod batches;
mod event_loop;
mod events;
#[cfg(target_os = "linux")]
mod failing_log;
mod fixtures;
mod http;
mod lambda_runtime;
mod routes;
#[cfg(target_os = "linux")]
mod soak;
mod wrap;
