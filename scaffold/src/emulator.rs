//! Lambda on this machine: a function's process, started with Lambda's environment against a Runtime
//! API that this program serves.
//!
//! One [`Instance`] is one execution environment: it starts, says that it is ready, answers one
//! event at a time, and is stopped. Dropping it, at any moment, ends its processes.

mod api;
mod environment;
mod failure;
mod instance;
mod invocation;
mod process;
pub(crate) mod report;

pub(crate) use self::failure::{Exit, Failure};
pub(crate) use self::instance::{Function, Instance};
pub(crate) use self::invocation::{Event, MAX_EVENT};
