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

/// Compiles the Rust code in the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
