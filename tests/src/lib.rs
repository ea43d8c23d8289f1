//! The harness of the suites that cross crates.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "an unexpected value ends the test"
)]

pub mod aws;
pub mod command;
#[cfg(unix)]
pub mod dev;
pub mod elf;
pub mod log;
#[cfg(unix)]
pub mod machine;
pub mod matrix;
pub mod project;
pub mod runtime_api;
pub mod server;
pub mod snapshot;
pub mod terminal;
pub mod wait;

/// Compiles and runs the Rust code in the pages.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../runtime/README.md")]
#[doc = include_str!("../../docs/first-function.md")]
#[doc = include_str!("../../docs/logs-and-traces.md")]
#[doc = include_str!("../../docs/state-and-errors.md")]
#[doc = include_str!("../../docs/testing.md")]
struct Readme;
