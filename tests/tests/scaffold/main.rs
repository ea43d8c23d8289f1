//! The program `scaffold`, command by command.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "an unexpected value ends the test"
)]

#[cfg(target_os = "linux")]
mod access;
#[cfg(unix)]
mod add;
mod answers;
#[cfg(unix)]
mod authorizer;
#[cfg(unix)]
mod build;
#[cfg(target_os = "linux")]
mod concurrency;
#[cfg(unix)]
mod convert;
#[cfg(unix)]
mod deploy;
#[cfg(target_os = "linux")]
mod dev;
#[cfg(unix)]
mod direct;
#[cfg(target_os = "linux")]
mod durable;
#[cfg(target_os = "linux")]
mod environment;
mod foreign;
#[cfg(unix)]
mod gateway;
mod hostile;
#[cfg(unix)]
mod infrastructure;
mod inspect;
#[cfg(target_os = "linux")]
mod invoke;
mod new;
mod openapi;
mod package;
mod pages;
#[cfg(unix)]
mod pipes;
#[cfg(unix)]
mod prompts;
#[cfg(target_os = "linux")]
mod remote;
#[cfg(target_os = "linux")]
mod soak;
#[cfg(target_os = "linux")]
mod streaming;
mod surroundings;
#[cfg(unix)]
mod sync;
mod templates;
#[cfg(target_os = "linux")]
mod timeouts;
#[cfg(target_os = "linux")]
mod tokens;
#[cfg(target_os = "linux")]
mod untrusted_text;
