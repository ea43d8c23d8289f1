//! The harness that the suites share.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "what the harness does not expect ends the test"
)]

#[path = "../../src/log.rs"]
pub mod log;
#[path = "../../src/runtime_api.rs"]
pub mod runtime_api;
#[path = "../../src/wait.rs"]
pub mod wait;
