//! Generated projects under the tools of others: container engines, AWS SAM, AWS's Runtime Interface
//! Emulator, cargo-lambda, rust-analyzer, schemathesis, moto; and functions with large libraries. Everything here is ignored unless `.ci/run` installs these
//! tools.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "an unexpected value ends the test"
)]

#[cfg(target_os = "linux")]
mod arm64;
#[cfg(unix)]
mod cargo_lambda;
#[cfg(unix)]
mod container;
#[cfg(unix)]
mod direct;
#[cfg(unix)]
mod durable;
#[cfg(unix)]
mod libraries;
#[cfg(unix)]
mod openapi;
#[cfg(unix)]
mod poll;
#[cfg(unix)]
mod remote;
mod rie;
#[cfg(unix)]
mod rust_analyzer;
#[cfg(unix)]
mod sam;
#[cfg(unix)]
mod stack;
