//! The harness of the suites that cross crates.

pub mod command;
pub mod project;
pub mod runtime_api;
