//! The harness of the suites that cross crates.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "what the harness does not expect ends the test"
)]

pub mod aws;
pub mod command;
#[cfg(unix)]
pub mod dev;
pub mod elf;
#[cfg(unix)]
pub mod machine;
pub mod matrix;
pub mod project;
pub mod runtime_api;
pub mod server;
pub mod terminal;
