//! Lambda on this machine: a function's process, started with Lambda's environment against a Runtime
//! API that this program serves.
//!
//! One [`Instance`] is one execution environment: it starts, says that it is ready, answers one
//! event at a time, and is stopped. Dropping it, at any moment, ends its processes.

mod api;
pub(crate) mod debugger;
mod environment;
mod failure;
#[cfg(unix)]
pub(crate) mod guard;
mod instance;
mod invocation;
mod log;
mod pool;
mod process;
pub(crate) mod report;
#[cfg(unix)]
pub(crate) mod start;

pub(crate) use self::failure::{Exit, Failure};
pub(crate) use self::instance::{DEBUG_TIMEOUT, Function, Instance};
pub(crate) use self::invocation::{Event, MAX_EVENT, Part, Response, Stream};
pub(crate) use self::log::Log;
pub(crate) use self::pool::Pool;
pub(crate) use self::process::Group;
